/** Bounds of an exponential back-off, in milliseconds. */
export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** Source of jitter, [0, 1). */
  random: () => number;
}

/**
 * Jittered exponential delay: doubles per failure up to `maxMs`, then shortened by up to half, so that clients that fail together do not come
 * back together.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Failures since the last reset. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts one failure and returns how long to wait, in [delay/2, delay] with delay ≤ `maxMs`. */
  next(): number {
    const { baseMs, maxMs, random } = this.#options;
    const delay = Math.min(maxMs, baseMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return delay / 2 + (delay / 2) * random();
  }

  /** The work went well: the next failure starts from `baseMs` again. */
  reset(): void {
    this.#failures = 0;
  }
}
