/** A key that waits for its time. */
export interface Delayed<Value> {
  readonly key: string;
  dueAt: number;
  value: Value;
}

interface Slot<Value> extends Delayed<Value> {
  index: number;
}

/** Keys ordered by when they are due, each at most once. Every operation is O(log n). */
export class DelayHeap<Value> {
  readonly #heap: Slot<Value>[] = [];
  readonly #slots = new Map<string, Slot<Value>>();

  get size(): number {
    return this.#heap.length;
  }

  /** The key that is due first. */
  peek(): Delayed<Value> | undefined {
    return this.#heap[0];
  }

  get(key: string): Delayed<Value> | undefined {
    return this.#slots.get(key);
  }

  /** Adds a key, or moves it to another time and value. */
  set(key: string, dueAt: number, value: Value): void {
    const known = this.#slots.get(key);
    if (known) {
      known.dueAt = dueAt;
      known.value = value;
      this.#up(known);
      this.#down(known);
      return;
    }
    const slot: Slot<Value> = { key, dueAt, value, index: this.#heap.length };
    this.#slots.set(key, slot);
    this.#heap.push(slot);
    this.#up(slot);
  }

  /** Takes out the key that is due first, if it is due at `now`. */
  popDue(now: number): Delayed<Value> | undefined {
    const first = this.#heap[0];
    if (!first || first.dueAt > now) return undefined;
    this.delete(first.key);
    return first;
  }

  delete(key: string): boolean {
    const slot = this.#slots.get(key);
    if (!slot) return false;
    this.#slots.delete(key);
    const last = this.#heap.pop();
    if (last && last !== slot) {
      this.#place(last, slot.index);
      this.#up(last);
      this.#down(last);
    }
    return true;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#slots.clear();
  }

  #up(slot: Slot<Value>): void {
    while (slot.index > 0) {
      const parentIndex = (slot.index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (!parent || parent.dueAt <= slot.dueAt) return;
      this.#place(parent, slot.index);
      this.#place(slot, parentIndex);
    }
  }

  #down(slot: Slot<Value>): void {
    for (;;) {
      const child = this.#earlierChild(slot.index);
      if (!child || child.dueAt >= slot.dueAt) return;
      const { index } = child;
      this.#place(child, slot.index);
      this.#place(slot, index);
    }
  }

  #earlierChild(index: number): Slot<Value> | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left && right && right.dueAt < left.dueAt ? right : left;
  }

  #place(slot: Slot<Value>, index: number): void {
    this.#heap[index] = slot;
    slot.index = index;
  }
}
