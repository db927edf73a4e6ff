interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * Values by revision, in one piece of memory that is filled round and round: the oldest go first. A revision never changes, so nothing is ever stale.
 * Values are copied in and out. As buffers of their own they would outlive their use: what has been in a cache is old for the garbage collector, which looks at
 * the old seldom, and with 4 kB values five times the bound lay there waiting.
 */
export class ByteCache {
  readonly #memory: Buffer;
  /** In the order of their being put in, which is the order of offsets from `#next` round to `#next`. */
  readonly #places = new Map<number, Place>();
  #next = 0;

  /** @param limitBytes sum of the values' lengths that are kept. */
  constructor(limitBytes: number) {
    this.#memory = Buffer.allocUnsafeSlow(limitBytes);
  }

  get(rev: number): Buffer | undefined {
    const place = this.#places.get(rev);
    return place && Buffer.from(this.#memory.subarray(place.offset, place.offset + place.length));
  }

  set(rev: number, value: Buffer): void {
    const { length } = value;
    if (length > this.#memory.length) return;
    this.delete(rev);
    if (this.#next + length > this.#memory.length) {
      this.#dropOldest(({ offset }) => offset >= this.#next);
      this.#next = 0;
    }
    const end = this.#next + length;
    this.#dropOldest(({ offset }) => offset >= this.#next && offset < end);
    value.copy(this.#memory, this.#next);
    this.#places.set(rev, { offset: this.#next, length });
    this.#next = end;
  }

  delete(rev: number): void {
    this.#places.delete(rev);
  }

  #dropOldest(isInTheWay: (place: Place) => boolean): void {
    for (const [rev, place] of this.#places) {
      if (!isInTheWay(place)) return;
      this.#places.delete(rev);
    }
  }
}
