import type { Clock, Timer } from '@dark-carnival/crds/clock';

export interface WatchdogOptions {
  clock: Clock;
  /** Aborts the watched call too, with its own reason. */
  parent: AbortSignal;
  /** The call may take this long. */
  totalMs: number;
  /** Between two signs of progress there may be this long. Progress is content, not bytes: a server that keeps the line warm does nothing. */
  idleMs: number;
  /** Makes the reason of the abort. */
  reasonFor: (limit: 'total' | 'idle') => Error;
}

/** Ends a call that takes too long or makes no progress. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #controller = new AbortController();
  readonly #onParentAbort: () => void;
  #lastProgress: number;
  #total: Timer;
  #idle: Timer;

  constructor(options: WatchdogOptions) {
    const { clock, parent, totalMs, idleMs } = options;
    this.#options = options;
    this.#lastProgress = clock.monotonic();
    this.#onParentAbort = () => this.#end(parent.reason);
    this.#total = clock.setTimeout(() => this.#end(options.reasonFor('total')), totalMs);
    this.#idle = clock.setTimeout(() => this.#checkIdle(), idleMs);
    if (parent.aborted) this.#onParentAbort();
    else parent.addEventListener('abort', this.#onParentAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Says that the call makes progress. Cheap: it may be called for every token. */
  touch(): void {
    this.#lastProgress = this.#options.clock.monotonic();
  }

  /** Stops watching; leaves no timer or listener behind. */
  stop(): void {
    const { clock, parent } = this.#options;
    clock.clearTimeout(this.#total);
    clock.clearTimeout(this.#idle);
    parent.removeEventListener('abort', this.#onParentAbort);
  }

  #checkIdle(): void {
    const { clock, idleMs, reasonFor } = this.#options;
    const left = this.#lastProgress + idleMs - clock.monotonic();
    if (left <= 0) this.#end(reasonFor('idle'));
    else this.#idle = clock.setTimeout(() => this.#checkIdle(), left);
  }

  #end(reason: unknown): void {
    this.stop();
    this.#controller.abort(reason);
  }
}
