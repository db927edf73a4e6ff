import type { Clock, Timer } from '@dark-carnival/crds/clock';

/** Real timers, but a test can jump ahead: for waits that are too long to wait for. */
export class SkippingClock implements Clock {
  #skipped = 0;

  now(): number {
    return Date.now() + this.#skipped;
  }
  monotonic(): number {
    return performance.now() + this.#skipped;
  }
  setTimeout(run: () => void, delayMs: number): Timer {
    return setTimeout(run, delayMs);
  }
  clearTimeout(timer: Timer): void {
    clearTimeout(timer as NodeJS.Timeout);
  }
  skip(ms: number): void {
    this.#skipped += ms;
  }
}
