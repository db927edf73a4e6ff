import type { Clock } from '@dark-carnival/crds/clock';

/** How long somebody waits at most, and what ends it sooner. */
export interface WaitOptions {
  signal: AbortSignal;
  maxWaitMs: number;
}

/** Those who wait for one thing to happen. */
export class WaitingRoom {
  readonly #clock: Clock;
  readonly #waiters = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns true once `wakeAll` was called, false when the time passed or `signal` aborted first. Never rejects, and leaves no timer behind. */
  wait({ signal, maxWaitMs }: WaitOptions): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (happened: boolean) => {
        this.#waiters.delete(wake);
        this.#clock.clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        resolve(happened);
      };
      const wake = () => end(true);
      const giveUp = () => end(false);
      const timer = this.#clock.setTimeout(giveUp, maxWaitMs);
      this.#waiters.add(wake);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  wakeAll(): void {
    for (const wake of [...this.#waiters]) wake();
  }
}
