import type { Clock, Timer } from '../clock.ts';

interface Pending {
  at: number;
  run: () => void;
}

/** A clock that stands until it is moved. */
export class ManualClock implements Clock {
  #now: number;
  #pending: Pending[] = [];

  constructor(now = Date.parse('2026-11-24T06:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    const timer = { at: this.#now + delayMs, run };
    this.#pending.push(timer);
    return timer;
  }

  clearTimeout(timer: Timer): void {
    this.#pending = this.#pending.filter((pending) => pending !== timer);
  }

  /** Moves time on, running what falls due in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#pending.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.clearTimeout(next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}
