import type { Clock } from '@dark-carnival/crds/clock';
import { BoundedMap } from './bounded-map.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
}

export interface AttemptLimits {
  /** Attempts that may fail at once. */
  burst: number;
  perSecond: number;
  /** Callers remembered; the least recent one is forgotten. */
  maxCallers: number;
}

/** Slows down guessing: a token bucket per caller that only failed attempts empty. */
export class AttemptLimiter {
  readonly #clock: Clock;
  readonly #limits: AttemptLimits;
  readonly #buckets: BoundedMap<Bucket>;

  constructor(clock: Clock, limits: AttemptLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#buckets = new BoundedMap(limits.maxCallers);
  }

  /** Begins an attempt. @returns seconds to wait where none is left, else 0. */
  begin(caller: string): number {
    const bucket = this.#filled(caller);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / this.#limits.perSecond));
    bucket.tokens -= 1;
    return 0;
  }

  /** The attempt was honest after all: it does not count. */
  succeeded(caller: string): void {
    const bucket = this.#filled(caller);
    bucket.tokens = Math.min(this.#limits.burst, bucket.tokens + 1);
  }

  #filled(caller: string): Bucket {
    const now = this.#clock.monotonic();
    const { burst, perSecond } = this.#limits;
    const known = this.#buckets.get(caller) ?? { tokens: burst, filledAt: now };
    known.tokens = Math.min(burst, known.tokens + ((now - known.filledAt) / 1000) * perSecond);
    known.filledAt = now;
    this.#buckets.set(caller, known);
    return known;
  }
}
