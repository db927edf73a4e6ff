import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { WorkqueueListener } from './controller-metrics.ts';
import { DelayHeap } from './delay-heap.ts';

/** `low` is for work that nobody waits for, such as the initial list and what failed before; `high` for what just happened. */
export type Priority = 'high' | 'low';

export interface WorkqueueOptions {
  clock: Clock;
  /** Delay of a key's first retry; doubles with each further failure. Default 5 ms, as client-go. */
  baseDelayMs?: number;
  /** Absent: nobody measures. */
  listener?: WorkqueueListener | undefined;
  /** Longest delay of a retry. Default 1,000,000 ms, as client-go. */
  maxDelayMs?: number;
}

/** Among takes of high keys, one in so many serves a low one, so that steady traffic starves nobody. */
const LOW_EVERY = 16;

/**
 * client-go's workqueue: a key is in the queue at most once, is worked on by one worker at a time, and when it is added while it is worked on, it comes
 * again afterwards. Besides: two priorities, delays, per-key back-off. Memory is bounded by the number of distinct keys.
 */
export class Workqueue {
  readonly #clock: Clock;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #listener: WorkqueueListener | undefined;
  /** Since when each key waits for a worker; empty where nobody measures. */
  readonly #waitingSince = new Map<string, number>();
  /** Keys that wait for a worker, in order; a key is in one of them. */
  readonly #waiting = { high: new Set<string>(), low: new Set<string>() };
  /** Keys that were added while they were worked on. */
  readonly #dirty = new Map<string, Priority>();
  readonly #processing = new Set<string>();
  readonly #delayed = new DelayHeap<Priority>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  readonly #idleWaiters: (() => void)[] = [];
  #highInARow = 0;
  #timer: Timer | undefined;
  #timerDueAt = Number.POSITIVE_INFINITY;
  #shuttingDown = false;

  constructor({ clock, listener, baseDelayMs = 5, maxDelayMs = 1_000_000 }: WorkqueueOptions) {
    this.#listener = listener;
    this.#clock = clock;
    this.#baseDelayMs = baseDelayMs;
    this.#maxDelayMs = maxDelayMs;
  }

  /** Keys that wait for a worker now. */
  get depth(): number {
    return this.#waiting.high.size + this.#waiting.low.size;
  }

  /** Keys that wait for their time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  /** Keys that are being worked on. */
  get processing(): number {
    return this.#processing.size;
  }

  /** Keys whose last attempt failed. */
  get failing(): number {
    return this.#failures.size;
  }

  /** Adds a key; the higher priority wins where it is there already. Ignored after shutDown. */
  add(key: string, priority: Priority = 'high'): void {
    if (this.#shuttingDown) return;
    if (this.#processing.has(key)) {
      if (this.#dirty.get(key) !== 'high') this.#dirty.set(key, priority);
      return;
    }
    this.#enqueue(key, priority);
  }

  /** Adds a key after a time; of several times the earliest counts. */
  addAfter(key: string, delayMs: number, priority: Priority = 'high'): void {
    if (this.#shuttingDown) return;
    if (!(delayMs > 0)) {
      this.add(key, priority);
      return;
    }
    const dueAt = this.#clock.monotonic() + delayMs;
    const known = this.#delayed.get(key);
    if (known && known.dueAt <= dueAt) return;
    this.#delayed.set(key, dueAt, priority);
    this.#arm();
  }

  /**
   * Counts a failure and adds the key, at low priority, after its back-off.
   * @param atLeastMs when the other side asked for time.
   * @returns the delay in ms.
   */
  addFailed(key: string, atLeastMs = 0): number {
    const failures = this.failures(key);
    this.#failures.set(key, failures + 1);
    const backoffMs = Math.min(this.#maxDelayMs, this.#baseDelayMs * 2 ** Math.min(failures, 40));
    const delayMs = Math.max(backoffMs, atLeastMs);
    this.#listener?.retried();
    this.addAfter(key, delayMs, 'low');
    return delayMs;
  }

  /** Failures of a key since it was last forgotten. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The key went well, or is gone: its next failure is its first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, now or later; undefined once the queue is shut down and empty. Each key taken must be given back by done. */
  take(): Promise<string | undefined> {
    const key = this.#next();
    if (key !== undefined) {
      this.#tellTaken(key);
      this.#processing.add(key);
      return Promise.resolve(key);
    }
    if (this.#shuttingDown) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** A worker is through with a key: it may be taken again. */
  done(key: string): void {
    if (!this.#processing.delete(key)) return;
    const priority = this.#dirty.get(key);
    this.#dirty.delete(key);
    if (priority) this.#enqueue(key, priority);
    this.#settle();
  }

  /**
   * Takes nothing more in and wakes idle workers. `drain` still hands out what waits for a worker; `drop` forgets it. What waits for its time is
   * forgotten either way.
   */
  shutDown(mode: 'drain' | 'drop' = 'drain'): void {
    this.#shuttingDown = true;
    this.#delayed.clear();
    this.#arm();
    if (mode === 'drop') {
      this.#waiting.high.clear();
      this.#waiting.low.clear();
      this.#dirty.clear();
      this.#waitingSince.clear();
    }
    this.#settle();
  }

  /** Resolves when no key is being worked on and none waits for a worker. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #enqueue(key: string, priority: Priority): void {
    if (this.#waiting.high.has(key)) return;
    if (this.#listener && !this.#waiting.low.has(key)) {
      this.#listener.added();
      this.#waitingSince.set(key, this.#clock.monotonic());
    }
    if (priority === 'low') {
      this.#waiting.low.add(key);
    } else {
      this.#waiting.low.delete(key);
      this.#waiting.high.add(key);
    }
    const taker = this.#takers.shift();
    if (taker) void this.take().then(taker);
  }

  #next(): string | undefined {
    const { high, low } = this.#waiting;
    const takeLow = low.size > 0 && (high.size === 0 || this.#highInARow >= LOW_EVERY);
    const from = takeLow ? low : high;
    const [key] = from;
    if (key === undefined) return undefined;
    from.delete(key);
    this.#highInARow = takeLow ? 0 : this.#highInARow + 1;
    return key;
  }

  #tellTaken(key: string): void {
    if (!this.#listener) return;
    const now = this.#clock.monotonic();
    this.#listener.taken(now - (this.#waitingSince.get(key) ?? now));
    this.#waitingSince.delete(key);
  }

  #isIdle(): boolean {
    return this.#processing.size === 0 && this.depth === 0;
  }

  #settle(): void {
    if (this.#shuttingDown && this.depth === 0) {
      for (const taker of this.#takers.splice(0)) taker(undefined);
    }
    if (this.#isIdle()) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** One timer, for the key that is due first. */
  #arm(): void {
    const dueAt = this.#delayed.peek()?.dueAt ?? Number.POSITIVE_INFINITY;
    if (this.#timer && dueAt === this.#timerDueAt) return;
    if (this.#timer) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueAt = dueAt;
    if (dueAt === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.setTimeout(() => this.#onDue(), dueAt - this.#clock.monotonic());
  }

  #onDue(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let due = this.#delayed.popDue(now); due; due = this.#delayed.popDue(now)) this.add(due.key, due.value);
    this.#arm();
  }
}
