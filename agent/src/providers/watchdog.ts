import type { Clock, Timer } from '@dark-carnival/crds/clock';

export interface WatchdogOptions {
  clock: Clock;
  /** Aborts the watched call too, with its own reason. */
  parent: AbortSignal;
  /** The call may take this long. */
  totalMs: number;
  /** Until the first sign of progress there may be this long. */
  firstMs: number;
  /** Between two signs of progress there may be this long. Progress is content, not bytes: a server that keeps the line warm does nothing. */
  idleMs: number;
  /** Makes the reason of the abort. */
  reasonFor: (limit: 'total' | 'first' | 'idle') => Error;
}

/** Ends a call that takes too long or makes no progress. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #controller = new AbortController();
  readonly #onParentAbort: () => void;
  #lastProgress: number;
  #hasBegun = false;
  #total: Timer;
  #idle: Timer;

  constructor(options: WatchdogOptions) {
    const { clock, parent, totalMs, firstMs } = options;
    this.#options = options;
    this.#lastProgress = clock.monotonic();
    this.#onParentAbort = () => this.#end(parent.reason);
    this.#total = clock.setTimeout(() => this.#end(options.reasonFor('total')), totalMs);
    this.#idle = clock.setTimeout(() => this.#checkIdle(), firstMs);
    if (parent.aborted) this.#onParentAbort();
    else parent.addEventListener('abort', this.#onParentAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Says that the call makes progress. Cheap: it may be called for every token. */
  touch(): void {
    if (!this.#hasBegun) this.#begin();
    this.#lastProgress = this.#options.clock.monotonic();
  }

  /** Stops watching; leaves no timer or listener behind. */
  stop(): void {
    const { clock, parent } = this.#options;
    clock.clearTimeout(this.#total);
    clock.clearTimeout(this.#idle);
    parent.removeEventListener('abort', this.#onParentAbort);
  }

  /** From now on silence is measured by the other limit, which may be the shorter one. */
  #begin(): void {
    const { clock, idleMs } = this.#options;
    this.#hasBegun = true;
    clock.clearTimeout(this.#idle);
    if (!this.#controller.signal.aborted) this.#idle = clock.setTimeout(() => this.#checkIdle(), idleMs);
  }

  #checkIdle(): void {
    const { clock, idleMs, firstMs, reasonFor } = this.#options;
    const left = this.#lastProgress + (this.#hasBegun ? idleMs : firstMs) - clock.monotonic();
    if (left <= 0) this.#end(reasonFor(this.#hasBegun ? 'idle' : 'first'));
    else this.#idle = clock.setTimeout(() => this.#checkIdle(), left);
  }

  #end(reason: unknown): void {
    this.stop();
    this.#controller.abort(reason);
  }
}
