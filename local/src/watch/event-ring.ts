import type { StoreEvent } from '../store/store-event.ts';

/** The newest events of one resource, bounded by number and by bytes, so that a watch that resumes reads no disk. */
export class EventRing {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #events: (StoreEvent | undefined)[] = [];
  #first = 0;
  #bytes = 0;
  /** Every event after this revision is here. */
  #since: number;

  /** @param since the revision now: earlier events were never seen. */
  constructor(since: number, maxEvents: number, maxBytes: number) {
    this.#since = since;
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  push(event: StoreEvent): void {
    this.#events.push(event);
    this.#bytes += event.bytes.length;
    while (
      this.#events.length - this.#first > this.#maxEvents ||
      (this.#bytes > this.#maxBytes && this.#first < this.#events.length)
    ) {
      const oldest = this.#events[this.#first] as StoreEvent;
      this.#events[this.#first] = undefined;
      this.#first += 1;
      this.#bytes -= oldest.bytes.length;
      this.#since = oldest.rev;
    }
    // The dead front is cut off now and then, not per event: amortised O(1).
    if (this.#first > 256 && this.#first > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The events after a revision, or undefined when some of them have been dropped. */
  after(rev: number): StoreEvent[] | undefined {
    if (rev < this.#since) return undefined;
    let low = this.#first;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as StoreEvent).rev > rev) high = middle;
      else low = middle + 1;
    }
    return this.#events.slice(low) as StoreEvent[];
  }
}
