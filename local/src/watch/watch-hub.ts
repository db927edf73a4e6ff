import type { RevisionStore } from '../store/revision-store.ts';
import type { StoreEvent } from '../store/store-event.ts';

/** Hears the events of one resource. `frames` is shared by all who hear the same event: what one encodes, all can send. */
export interface Watcher {
  deliver(event: StoreEvent, frames: FrameCache): void;
}

/** One event, encoded for the wire. */
export interface WatchFrame {
  /** The line as a chunk of a chunked body (RFC 9112, 7.1): what goes to a connection as it is. */
  readonly chunk: Buffer;
  /** The line alone: the same memory. */
  readonly line: Buffer;
}

/** Encodings of one event, by whatever tells two encodings apart. */
export type FrameCache = Map<string, WatchFrame>;

/** Fans commits out to watchers, and gives those that resume what they missed. */
export class WatchHub {
  readonly #store: RevisionStore;
  readonly #watchers = new Map<string, Set<Watcher>>();

  constructor(store: RevisionStore) {
    this.#store = store;
    store.onCommit((event) => this.#publish(event));
  }

  add(resource: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(resource) ?? new Set();
    watchers.add(watcher);
    this.#watchers.set(resource, watchers);
  }

  remove(resource: string, watcher: Watcher): void {
    this.#watchers.get(resource)?.delete(watcher);
  }

  /** How many watch each resource. */
  *counts(): Generator<[resource: string, watchers: number]> {
    for (const [resource, watchers] of this.#watchers) yield [resource, watchers.size];
  }

  /** The events after a revision, as `RevisionStore.eventsAfter` reads them; undefined when they have been compacted. */
  eventsAfter(resource: string, rev: number): Iterable<StoreEvent> | undefined {
    if (rev < this.#store.compacted) return undefined;
    return this.#store.lastChange(resource) <= rev ? [] : this.#store.eventsAfter(rev, resource);
  }

  #publish(event: StoreEvent): void {
    const watchers = this.#watchers.get(event.resource);
    if (!watchers || watchers.size === 0) return;
    const frames: FrameCache = new Map();
    for (const watcher of watchers) watcher.deliver(event, frames);
  }
}
