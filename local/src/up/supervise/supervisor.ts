import { type Clock, sleep } from '@dark-carnival/crds/clock';
import type { Child, ChildExit } from './child.ts';
import { afterExit, FRESH, type RestartHistory } from './restart-policy.ts';

/** What happens to a supervised child, in order, for whoever tells people. */
export type SupervisorEvent =
  | { type: 'ready'; ready: Record<string, unknown>; restarts: number }
  | { type: 'exited'; exit: ChildExit; retryInMs: number };

export interface SupervisorOptions {
  /** Starts one run. Called anew for each, so that it can look at the newest spec; may wait for what it needs. */
  launch(signal: AbortSignal): Promise<Child>;
  clock: Clock;
  onEvent(event: SupervisorEvent): void;
}

/** Keeps one child running until it is told to stop. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  readonly #firstReady = Promise.withResolvers<Record<string, unknown> | undefined>();
  #child: Child | undefined;
  #running: Promise<void> | undefined;
  #history: RestartHistory = FRESH;
  #restarts = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  start(): this {
    this.#running ??= this.#run().finally(() => this.#firstReady.resolve(undefined));
    return this;
  }

  /** The first ready line; undefined when stopped before there was one. */
  get firstReady(): Promise<Record<string, unknown> | undefined> {
    return this.#firstReady.promise;
  }

  /** Asks the child to end, and makes it after `graceMs`. Resolves when it is gone; it is not started again. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#child?.terminate();
    const waited = new AbortController();
    const gone = (this.#running ?? Promise.resolve()).finally(() => waited.abort());
    if (await sleep(this.#options.clock, graceMs, waited.signal)) this.#child?.kill();
    await gone;
  }

  /** Ends the child at once. */
  kill(): void {
    this.#stopping.abort();
    this.#child?.kill();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const delayMs = await this.#once();
      if (delayMs === undefined) return;
      this.#restarts += 1;
      await sleep(this.#options.clock, delayMs, signal);
    }
  }

  /** One run from start to end. @returns the wait before the next; undefined when there is none. */
  async #once(): Promise<number | undefined> {
    const { launch, clock, onEvent } = this.#options;
    const { signal } = this.#stopping;
    const child = await launch(signal).catch((error: unknown) => neverStarted(error));
    this.#child = child;
    if (signal.aborted) child.terminate();
    let readyAt: number | undefined;
    const watched = child.ready.then((ready) => {
      if (!ready || signal.aborted) return;
      readyAt = clock.monotonic();
      onEvent({ type: 'ready', ready, restarts: this.#restarts });
      this.#firstReady.resolve(ready);
    });
    const exit = await child.exited;
    await watched;
    this.#child = undefined;
    if (signal.aborted) return undefined;
    const { history, delayMs } = afterExit(this.#history, readyAt === undefined ? 0 : clock.monotonic() - readyAt);
    this.#history = history;
    onEvent({ type: 'exited', exit, retryInMs: delayMs });
    return delayMs;
  }
}

/** A launch that threw counts as a run that ended at once: it is tried again as any other. */
function neverStarted(error: unknown): Child {
  const lastWords = error instanceof Error ? error.message : String(error);
  return {
    ready: Promise.resolve(undefined),
    exited: Promise.resolve({ code: null, signal: null, lastWords }),
    terminate: () => {},
    kill: () => {},
  };
}
