/** Values by revision, least recently used out first, bounded by bytes. A revision never changes, so nothing is ever stale. */
export class ByteCache {
  readonly #limit: number;
  readonly #values = new Map<number, Buffer>();
  #bytes = 0;

  /** @param limitBytes sum of the values' lengths that are kept. */
  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get(rev: number): Buffer | undefined {
    const value = this.#values.get(rev);
    if (value) {
      this.#values.delete(rev);
      this.#values.set(rev, value);
    }
    return value;
  }

  set(rev: number, value: Buffer): void {
    this.delete(rev);
    if (value.length > this.#limit) return;
    this.#values.set(rev, value);
    this.#bytes += value.length;
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#limit) break;
      this.delete(oldest);
    }
  }

  delete(rev: number): void {
    const value = this.#values.get(rev);
    if (!value) return;
    this.#values.delete(rev);
    this.#bytes -= value.length;
  }
}
