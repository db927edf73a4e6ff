import type { Clock, Timer } from '../src/clock.ts';

interface Pending {
  dueAt: number;
  order: number;
  run: () => void;
}

/** Time that moves only when a test says so. */
export class FakeClock implements Clock {
  #wall: number;
  #monotonic = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(startAt = Date.parse('2026-01-01T00:00:00Z')) {
    this.#wall = startAt;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    this.#order += 1;
    const timer: Pending = { dueAt: this.#monotonic + Math.max(0, delayMs), order: this.#order, run };
    this.#pending.add(timer);
    return timer;
  }

  clearTimeout(timer: Timer): void {
    this.#pending.delete(timer as Pending);
  }

  /** Timers that wait: a test's way to see that work has come to rest, or that nothing leaks. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Milliseconds until the next timer fires; undefined when none waits. */
  get nextInMs(): number | undefined {
    const next = this.#next();
    return next && next.dueAt - this.#monotonic;
  }

  /** Moves both clocks on, firing timers in order, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const until = this.#monotonic + ms;
    await settle();
    for (let next = this.#next(); next && next.dueAt <= until; next = this.#next()) {
      this.#moveTo(next.dueAt);
      this.#pending.delete(next);
      next.run();
      await settle();
    }
    this.#moveTo(until);
    await settle();
  }

  /** The process was frozen: time passed, and every timer that came due fires only now. */
  async freeze(ms: number): Promise<void> {
    this.#moveTo(this.#monotonic + ms);
    await this.advance(0);
  }

  /** Somebody set the wall clock; the monotonic one does not care. */
  jumpWallClock(ms: number): void {
    this.#wall += ms;
  }

  #moveTo(monotonic: number): void {
    if (monotonic <= this.#monotonic) return;
    this.#wall += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  #next(): Pending | undefined {
    let next: Pending | undefined;
    for (const each of this.#pending) {
      if (!next || each.dueAt < next.dueAt || (each.dueAt === next.dueAt && each.order < next.order)) next = each;
    }
    return next;
  }
}

/** Lets everything run that needs neither time nor the network. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
