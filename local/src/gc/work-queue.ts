import { StorageError } from '../store/storage-error.ts';

/** Items still worked on in one turn of the event loop: requests come between turns. */
const ITEMS_PER_TURN = 50;

/** Work that waits for the present turn of the event loop to end. An item that waits already is not added twice. */
export class WorkQueue<T> {
  readonly #items = new Set<T>();
  readonly #defer: (run: () => void) => void;
  readonly #work: (item: T) => void;
  #isDue = false;

  /** @param defer runs a function later; it must survive a function that throws, and run it again later when that is a StorageError */
  constructor(defer: (run: () => void) => void, work: (item: T) => void) {
    this.#defer = defer;
    this.#work = work;
  }

  add(item: T): void {
    this.#items.add(item);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#defer(() => this.#run());
  }

  #run(): void {
    this.#isDue = false;
    let left = ITEMS_PER_TURN;
    try {
      for (const item of this.#items) {
        if (left === 0) break;
        left -= 1;
        // Taken out first: work may add the item again.
        this.#items.delete(item);
        this.#attempt(item);
      }
    } finally {
      if (this.#items.size > 0) this.#schedule();
    }
  }

  /** An item that the disk refused stays, and the whole queue waits with it. */
  #attempt(item: T): void {
    try {
      this.#work(item);
    } catch (error) {
      if (error instanceof StorageError) {
        this.#items.add(item);
        this.#isDue = true;
      }
      throw error;
    }
  }
}
