import type { RevisionStore } from '../store/revision-store.ts';
import type { StoreEvent } from '../store/store-event.ts';
import { EventRing } from './event-ring.ts';

/** Hears the events of one resource. `frames` is shared by all who hear the same event: what one encodes, all can send. */
export interface Watcher {
  deliver(event: StoreEvent, frames: FrameCache): void;
}

/** Encodings of one event, by whatever tells two encodings apart. */
export type FrameCache = Map<string, Buffer>;

/** Bounds of what is kept per resource for watches that resume. */
export interface RingLimits {
  events: number;
  bytes: number;
}

/** Fans commits out to watchers, and gives those that resume what they missed. */
export class WatchHub {
  readonly #store: RevisionStore;
  readonly #limits: RingLimits;
  readonly #rings = new Map<string, EventRing>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  #since: number;

  constructor(store: RevisionStore, limits: RingLimits) {
    this.#store = store;
    this.#limits = limits;
    this.#since = store.revision;
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

  /** The events after a revision, from memory or from the log; undefined when they have been compacted. */
  eventsAfter(resource: string, rev: number): StoreEvent[] | undefined {
    if (this.#store.lastChange(resource) <= rev && rev >= this.#store.compacted) return [];
    const recent = this.#rings.get(resource)?.after(rev);
    if (recent) return recent;
    return rev >= this.#store.compacted ? this.#store.eventsAfter(rev, resource) : undefined;
  }

  /** Keeps nothing of what has been: a watch from an older revision has to find it in the log. */
  forget(): void {
    this.#rings.clear();
    this.#since = this.#store.revision;
  }

  #publish(event: StoreEvent): void {
    this.#ringOf(event.resource).push(event);
    const watchers = this.#watchers.get(event.resource);
    if (!watchers || watchers.size === 0) return;
    const frames: FrameCache = new Map();
    for (const watcher of watchers) watcher.deliver(event, frames);
  }

  #ringOf(resource: string): EventRing {
    let ring = this.#rings.get(resource);
    if (!ring) {
      ring = new EventRing(this.#since, this.#limits.events, this.#limits.bytes);
      this.#rings.set(resource, ring);
    }
    return ring;
  }
}
