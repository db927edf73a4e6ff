import type { Clock } from '@dark-carnival/crds/clock';

interface Entry {
  at: number;
  order: number;
  run: () => void | Promise<void>;
}

/** Time of a whole simulated world: what happens next, one thing after the other, without waiting for it. */
export class Timeline {
  now = 0;
  #order = 0;
  readonly #entries: Entry[] = [];

  /** @returns a function that takes it back. */
  at(when: number, run: () => void | Promise<void>): () => void {
    this.#order += 1;
    const entry: Entry = { at: Math.max(this.now, when), order: this.#order, run };
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#entries[middle];
      if (other && (other.at > entry.at || (other.at === entry.at && other.order > entry.order))) low = middle + 1;
      else high = middle;
    }
    // Backwards: what comes next is at the end.
    this.#entries.splice(low, 0, entry);
    return () => {
      const index = this.#entries.indexOf(entry);
      if (index >= 0) this.#entries.splice(index, 1);
    };
  }

  async runUntil(end: number): Promise<void> {
    for (let next = this.#entries.at(-1); next && next.at <= end; next = this.#entries.at(-1)) {
      this.#entries.pop();
      this.now = next.at;
      await next.run();
      // Whoever was woken goes as far as it can: nothing here needs more than promises.
      for (let turn = 0; turn < 24; turn += 1) await undefined;
    }
    this.now = end;
  }
}

/** What can happen to the clocks and the processor of one machine. */
export class Machine {
  readonly #timeline: Timeline;
  readonly #random: () => number;
  /** Until then nothing runs here. */
  frozenUntil = 0;
  /** How far somebody has set the wall clock off. */
  wallOffMs = 0;
  dead = false;

  constructor(timeline: Timeline, random: () => number) {
    this.#timeline = timeline;
    this.#random = random;
  }

  readonly clock: Clock = {
    now: () => Date.parse('2026-11-24T00:00:00Z') + this.#timeline.now + this.wallOffMs,
    monotonic: () => this.#timeline.now,
    setTimeout: (run, delayMs) => ({ cancel: this.schedule(delayMs, run) }),
    clearTimeout: (timer) => (timer as { cancel: () => void }).cancel(),
  };

  /** Runs something here: late, and in any order, where the machine was frozen when it was due. */
  schedule(delayMs: number, run: () => void | Promise<void>): () => void {
    let takeBack = () => {};
    const attempt = () => {
      if (this.dead) return undefined;
      if (this.#timeline.now >= this.frozenUntil) return run();
      takeBack = this.#timeline.at(this.frozenUntil + this.#random(), attempt);
      return undefined;
    };
    takeBack = this.#timeline.at(this.#timeline.now + delayMs, attempt);
    return () => takeBack();
  }
}
