import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { UpError } from '../up-error.ts';
import { type Child, type ChildExit, describeExit } from './child.ts';
import { Supervisor } from './supervisor.ts';

export interface CoreProcessOptions {
  /** For people: `API server`. */
  name: string;
  clock: Clock;
  /** Where its output can be read. */
  logFile: string;
  launch(): Child;
  /** Called at each time that it serves, the first one included. */
  onReady(ready: Record<string, unknown>): void;
  /** A line for people: it ended, it is back. */
  say(line: string): void;
}

/** So many ends before it ever served are no accident. */
const MAX_FALSE_STARTS = 3;
const FIRST_READY_TIMEOUT_MS = 60_000;

/** A process without which nothing works: it has to come up at the start, and is brought back later, for ever. */
export class CoreProcess {
  readonly #options: CoreProcessOptions;
  readonly #supervisor: Supervisor;
  readonly #failed = Promise.withResolvers<ChildExit>();
  #served = false;
  #falseStarts = 0;

  constructor(options: CoreProcessOptions) {
    this.#options = options;
    this.#supervisor = new Supervisor({
      clock: options.clock,
      launch: async () => options.launch(),
      onEvent: (event) => {
        if (event.type === 'ready') this.#onReady(event.ready, event.restarts);
        else this.#onExit(event.exit, event.retryInMs);
      },
    });
  }

  /**
   * Starts it, and waits until it serves.
   * @returns its ready line.
   * @throws UpError when it does not come up.
   */
  async start(): Promise<Record<string, unknown>> {
    const { clock, name, logFile } = this.#options;
    const waited = new AbortController();
    const timeout = sleep(clock, FIRST_READY_TIMEOUT_MS, waited.signal).then(() => 'timeout' as const);
    const first = await Promise.race([this.#supervisor.start().firstReady, this.#failed.promise, timeout]);
    waited.abort();
    if (typeof first === 'object' && 'ready' in first) return first;
    this.#supervisor.kill();
    const why =
      typeof first === 'object' && 'lastWords' in first ? describeExit(first as ChildExit) : 'it does not answer';
    throw new UpError(`the ${name} does not start (${why}); its log: ${logFile}`);
  }

  stop(graceMs: number): Promise<void> {
    return this.#supervisor.stop(graceMs);
  }

  kill(): void {
    this.#supervisor.kill();
  }

  #onReady(ready: Record<string, unknown>, restarts: number): void {
    if (this.#served && restarts > 0) this.#options.say(`the ${this.#options.name} is back`);
    this.#served = true;
    this.#options.onReady(ready);
  }

  #onExit(exit: ChildExit, retryInMs: number): void {
    const { name, logFile, say } = this.#options;
    if (this.#served) {
      say(`the ${name} ended (${describeExit(exit)}); again in ${retryInMs / 1000} s; log: ${logFile}`);
      return;
    }
    this.#falseStarts += 1;
    if (this.#falseStarts >= MAX_FALSE_STARTS) this.#failed.resolve(exit);
  }
}
