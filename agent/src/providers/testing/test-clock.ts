import type { Clock, Timer } from '../clock.ts';

/** Time that stands still until a test moves it. */
export class TestClock implements Clock {
  #now = 1_000_000;
  #timers = new Map<object, { at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  setTimeout(run: () => void, delayMs: number): Timer {
    const timer = {};
    this.#timers.set(timer, { at: this.#now + delayMs, run });
    return timer;
  }
  clearTimeout(timer: Timer): void {
    this.#timers.delete(timer);
  }
  get pending(): number {
    return this.#timers.size;
  }
  /** Moves time, and runs what falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [due] = [...this.#timers]
        .filter(([, { at }]) => at <= end)
        .sort(([, left], [, right]) => left.at - right.at);
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].run();
    }
    this.#now = end;
  }
}

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
