/** What lists and watches select by: held for every live object, so that selecting parses nothing. */
export interface Attributes {
  labels: { readonly [key: string]: string } | undefined;
  fields: { readonly [path: string]: string };
}

/** One live object in memory. The value itself lies in the log, or in the cache. */
export interface Entry {
  readonly resource: string;
  /** `<namespace>/<name>`, or `<name>`. */
  readonly key: string;
  readonly createRev: number;
  rev: number;
  /** Undefined until somebody selects by it. */
  attributes: Attributes | undefined;
}

/** The live keys of one resource in the order of the log's keys. A lookup is O(1), an insertion moves pointers only. */
export class KeyIndex {
  readonly #byKey = new Map<string, Entry>();
  readonly #sorted: Entry[] = [];

  get size(): number {
    return this.#sorted.length;
  }

  get(key: string): Entry | undefined {
    return this.#byKey.get(key);
  }

  add(entry: Entry): void {
    this.#byKey.set(entry.key, entry);
    const last = this.#sorted.at(-1);
    if (!last || last.key < entry.key) this.#sorted.push(entry);
    else this.#sorted.splice(this.#firstAfter(entry.key), 0, entry);
  }

  delete(key: string): void {
    if (!this.#byKey.delete(key)) return;
    this.#sorted.splice(this.#firstAfter(key) - 1, 1);
  }

  /** The entries with `from` < key < `to`. The slice is a copy: writes while it is read do not disturb it. */
  range(from: string, to: string): Entry[] {
    return this.#sorted.slice(this.#firstAfter(from), this.#firstNotBefore(to));
  }

  /** Position of the first key greater than `key`. */
  #firstAfter(key: string): number {
    return this.#search((candidate) => candidate > key);
  }

  #firstNotBefore(key: string): number {
    return this.#search((candidate) => candidate >= key);
  }

  #search(isPast: (key: string) => boolean): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isPast((this.#sorted[middle] as Entry).key)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
