import { type Clock, sleep } from '@dark-carnival/crds/clock';

const MINUTE_MS = 60_000;

export interface LimiterOptions {
  clock: Clock;
  /** Calls that may be open at once; absent: no limit. */
  concurrency?: number | undefined;
  /** Calls that may start within any minute; absent: no limit. */
  requestsPerMinute?: number | undefined;
}

/** Keeps a provider's limits: first come, first served. */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  /** When each call of the last minute began, oldest first (monotonic). */
  #starts: number[] = [];

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  /**
   * Waits for a place.
   * @returns what gives the place back, or nothing when the signal ended the wait.
   */
  async acquire(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (!(await this.#enter(signal))) return undefined;
    if (!(await this.#waitForRate(signal))) {
      this.#leave();
      return undefined;
    }
    let held = true;
    return () => {
      if (held) this.#leave();
      held = false;
    };
  }

  async #enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#open < (this.#options.concurrency ?? Number.POSITIVE_INFINITY)) {
      this.#open += 1;
      return true;
    }
    return new Promise((resolve) => {
      const onPlace = () => {
        signal.removeEventListener('abort', onAbort);
        resolve(true);
      };
      const onAbort = () => {
        const at = this.#waiting.indexOf(onPlace);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve(false);
      };
      this.#waiting.push(onPlace);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** A place that is given back goes straight to who waits longest, so nobody can slip in between. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#open -= 1;
  }

  async #waitForRate(signal: AbortSignal): Promise<boolean> {
    const { clock, requestsPerMinute: limit } = this.#options;
    if (limit === undefined) return true;
    for (;;) {
      const now = clock.monotonic();
      this.#starts = this.#starts.filter((start) => now - start < MINUTE_MS);
      const [oldest] = this.#starts;
      if (this.#starts.length < limit || oldest === undefined) {
        this.#starts.push(now);
        return true;
      }
      if (!(await sleep(clock, oldest + MINUTE_MS - now, signal))) return false;
    }
  }
}
