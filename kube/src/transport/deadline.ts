import type { Clock, Timer } from '@dark-carnival/crds/clock';

/** An abort signal that fires after a time or with an outer signal, and knows which it was. Must be cleared. */
export class Deadline {
  readonly #abort = new AbortController();
  readonly #clock: Clock;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuterAbort = () => this.#abort.abort();
  #timer: Timer | undefined;
  /** The time ran out. */
  expired = false;

  constructor(clock: Clock, timeoutMs: number, outer?: AbortSignal) {
    this.#clock = clock;
    this.#outer = outer;
    if (outer?.aborted) {
      this.#abort.abort();
      return;
    }
    outer?.addEventListener('abort', this.#onOuterAbort, { once: true });
    this.#timer = clock.setTimeout(() => {
      this.expired = true;
      this.#abort.abort();
    }, timeoutMs);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The answer has begun: only the outer signal counts from here on. */
  disarm(): void {
    if (this.#timer) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Leaves no timer and no listener behind. */
  clear(): void {
    this.disarm();
    this.#outer?.removeEventListener('abort', this.#onOuterAbort);
  }
}
