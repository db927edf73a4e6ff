import type { SqliteLog } from './sqlite-log.ts';

export interface CompactionOptions {
  log: SqliteLog;
  /** The newest revision. */
  revision: () => number;
  /** Revisions that stay readable behind the newest one. */
  historyLimit: number;
  /** Runs work after the present turn of the event loop. */
  defer: (run: () => void) => void;
  onFault: (error: unknown) => void;
}

/** Revisions compacted in one go: bounds the pause. */
const STEP = 500;

/**
 * Forgets old revisions, step by step behind the writes. What somebody is still reading stays on the disk until it is given free; an order to compact
 * takes effect at once all the same for everybody who comes new.
 */
export class Compaction {
  readonly #options: CompactionOptions;
  readonly #held = new Set<{ readonly rev: number }>();
  #compacted: number;
  /** Up to here rows have been removed: behind `#compacted` only while an older revision is held. */
  #swept: number;
  #isDue = false;
  #isClosed = false;

  constructor(options: CompactionOptions) {
    this.#options = options;
    this.#compacted = options.log.compacted();
    this.#swept = this.#compacted;
  }

  /** The newest revision whose past has been forgotten: a read must ask for this one or a later one. */
  get compacted(): number {
    return this.#compacted;
  }

  /** Keeps what is there at a revision, and all after it. @returns what gives it free; it must be called */
  hold(rev: number): () => void {
    const held = { rev };
    this.#held.add(held);
    return () => {
      this.#held.delete(held);
      this.schedule();
    };
  }

  /** To be called after each write: begins a step where there is enough for one. */
  schedule(): void {
    if (this.#isClosed || this.#isDue || this.#goal() - this.#swept < STEP) return;
    this.#isDue = true;
    this.#options.defer(() => {
      this.#isDue = false;
      if (this.#isClosed) return;
      try {
        this.#sweep(Math.min(this.#swept + STEP, this.#goal()));
      } catch (error) {
        // The next write tries again: until then nothing is missing, only too much is kept.
        this.#options.onFault(error);
        return;
      }
      this.schedule();
    });
  }

  /** Forgets what no read at `target` or later needs. @throws StorageError */
  compact(target: number): void {
    const upTo = Math.min(target, this.#options.revision());
    this.#sweep(Math.min(upTo, this.#oldestHeld()));
    this.#compacted = Math.max(this.#compacted, upTo);
  }

  close(): void {
    this.#isClosed = true;
  }

  #goal(): number {
    const { revision, historyLimit } = this.#options;
    return Math.min(Math.max(this.#compacted, revision() - historyLimit), this.#oldestHeld());
  }

  #oldestHeld(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { rev } of this.#held) oldest = Math.min(oldest, rev);
    return oldest;
  }

  #sweep(upTo: number): void {
    if (upTo <= this.#swept) return;
    this.#options.log.compact(this.#swept, upTo);
    this.#swept = upTo;
    this.#compacted = Math.max(this.#compacted, upTo);
  }
}
