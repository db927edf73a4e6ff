import type { KubeObject } from '../json/kube-object.ts';
import { ByteCache } from './byte-cache.ts';
import { Compaction } from './compaction.ts';
import { type Attributes, type Entry, KeyIndex } from './key-index.ts';
import { decodeObject, encodeObject, freeBytes } from './object-bytes.ts';
import { type LogKey, type LogRow, SqliteLog } from './sqlite-log.ts';
import { StorageError } from './storage-error.ts';
import type { CommitListener, EventType, StoreEvent } from './store-event.ts';
import type { StoredState } from './stored-state.ts';

export interface RevisionStoreOptions {
  /** A file, or `:memory:`. */
  path: string;
  /** Labels and selectable fields of an object. */
  attributesOf: (resource: string, object: KubeObject) => Attributes;
  /** Revisions that stay readable behind the newest one. */
  historyLimit: number;
  /** Bound of the cache of values, in bytes. */
  cacheBytes: number;
  /** Runs compaction after the present turn of the event loop. */
  defer: (run: () => void) => void;
  /**
   * A listener stumbled over a commit (the write stands, and the other listeners hear of it), or the disk refused a write: told once, until the
   * next write goes well.
   */
  onFault: (error: unknown) => void;
}

/** An object is larger than its writer allows: nothing was changed. */
export class ValueTooLargeError extends Error {}

/** The first key after every other key of ASCII letters. */
export const END_OF_KEYS = '\u{10ffff}';

/**
 * The state of the API: one revisioned log, the index of what lives, and those who listen. There is one writer, this process, and every
 * method is synchronous, so a read followed by a write in one turn is atomic.
 */
export class RevisionStore {
  readonly #log: SqliteLog;
  readonly #options: RevisionStoreOptions;
  readonly #cache: ByteCache;
  readonly #indexes = new Map<string, KeyIndex>();
  readonly #listeners: CommitListener[] = [];
  readonly #lastChange = new Map<string, number>();
  readonly #compaction: Compaction;
  #revision = 0;
  #isRefusing = false;

  /** @throws LogInUseError when another process has the file; UnusableLogError when it is damaged. */
  constructor(options: RevisionStoreOptions) {
    this.#options = options;
    this.#cache = new ByteCache(options.cacheBytes);
    this.#log = new SqliteLog(options.path);
    const { historyLimit, defer, onFault } = options;
    this.#compaction = new Compaction({
      log: this.#log,
      revision: () => this.#revision,
      historyLimit,
      defer,
      onFault,
    });
    for (const row of this.#log.keys()) this.#load(row);
    this.#revision = Math.max(this.#revision, this.#log.floor());
  }

  /** The newest revision. It only grows, across restarts too. */
  get revision(): number {
    return this.#revision;
  }

  /** The newest revision whose past has been forgotten: a read must ask for this one or a later one. */
  get compacted(): number {
    return this.#compaction.compacted;
  }

  /** The revision of the last change to a resource, 0 when there was none. */
  lastChange(resource: string): number {
    return this.#lastChange.get(resource) ?? 0;
  }

  /** Hears every commit from now on. */
  onCommit(listener: CommitListener): void {
    this.#listeners.push(listener);
  }

  entry(resource: string, key: string): Entry | undefined {
    return this.#indexes.get(resource)?.get(key);
  }

  /** The live entries of a resource with `from` < key < `to`, in the order of keys. */
  entries(resource: string, from = '', to = END_OF_KEYS): Entry[] {
    return this.#indexes.get(resource)?.range(from, to) ?? [];
  }

  /** Every resource that was ever written and not wholly compacted. */
  resources(): string[] {
    return [...this.#indexes.keys()];
  }

  count(resource: string): number {
    return this.#indexes.get(resource)?.size ?? 0;
  }

  /** The value of a live entry. */
  bytes(entry: Entry): Buffer {
    const cached = this.#cache.get(entry.rev);
    if (cached) return cached;
    const value = this.valueAt(entry.rev);
    this.#cache.set(entry.rev, value);
    return value;
  }

  /** The value of a revision that lives or is held. It is not kept in the cache: a long list would push out what is in use. */
  valueAt(rev: number): Buffer {
    const value = this.bytesAt(rev);
    if (!value) throw new Error(`the log lost revision ${rev}`);
    return value;
  }

  /** A fresh copy of a live entry's object, for the caller to change. */
  object(entry: Entry): KubeObject {
    return decodeObject(this.bytes(entry));
  }

  /** The value written at a revision, or undefined when it was compacted. */
  bytesAt(rev: number): Buffer | undefined {
    return this.#cache.get(rev) ?? this.#log.value(rev);
  }

  attributes(entry: Entry): Attributes {
    entry.attributes ??= this.#options.attributesOf(entry.resource, decodeObject(this.valueAt(entry.rev)));
    return entry.attributes;
  }

  /** The selectable fields of a resource changed: they are read again when needed. */
  forgetAttributes(resource: string): void {
    for (const entry of this.entries(resource)) entry.attributes = undefined;
  }

  /** The keys at an older revision, in their order, with the revision that wrote each. The caller checks that the revision is not compacted. */
  keysAt(rev: number, resource: string, from: string, to: string): IterableIterator<{ key: string; rev: number }> {
    return this.#log.keysAt(rev, resource, from, to);
  }

  countAt(rev: number, resource: string, from: string, to: string): number {
    return this.#log.countAt(rev, resource, from, to);
  }

  /**
   * The states that `revs` wrote, all of them there at `revision`; each is read when it is asked for, and gone when the next one is. From the first on they
   * stay readable, whatever is written or compacted meanwhile, until the last was taken or the iteration is ended: one of both must happen.
   */
  *statesAt(revision: number, revs: Iterable<number>): Generator<StoredState> {
    const release = this.#compaction.hold(revision);
    try {
      for (const rev of revs) {
        const bytes = this.valueAt(rev);
        yield { rev, bytes };
        freeBytes(bytes);
      }
    } finally {
      release();
    }
  }

  /**
   * The events of a resource after a revision, up to the one that is the newest when the first is asked for. Values are read one by one, and held as
   * `statesAt` holds them. The caller checks that the revision is not compacted.
   */
  *eventsAfter(rev: number, resource: string): Generator<StoreEvent> {
    const release = this.#compaction.hold(rev);
    try {
      for (const row of this.#log.keysAfter(rev, resource)) yield this.#toEvent(row);
    } finally {
      release();
    }
  }

  /**
   * Creates or replaces an object: sets its resourceVersion, commits, tells the listeners. @param maxBytes of the object, encoded
   * @throws StorageError, ValueTooLargeError: nothing was changed
   */
  put(resource: string, key: string, object: KubeObject, maxBytes = Number.POSITIVE_INFINITY): Entry {
    const live = this.entry(resource, key);
    const entry = live ?? { resource, key, createRev: this.#revision + 1, rev: 0, attributes: undefined };
    this.#commit(live ? 'MODIFIED' : 'ADDED', entry, object, maxBytes);
    if (!live) this.#indexOf(resource).add(entry);
    this.#tell(object);
    return entry;
  }

  /** Deletes a live object; `object` is its last state, and gets the revision of the deletion. @throws StorageError: nothing was changed */
  delete(entry: Entry, object: KubeObject): void {
    this.#commit('DELETED', entry, object);
    this.#indexOf(entry.resource).delete(entry.key);
    this.#tell(object);
  }

  /** Copies the state as it is at one moment into a new file. Writes go on meanwhile. @throws StorageError */
  copyTo(file: string): Promise<void> {
    return this.#log.copyTo(file);
  }

  close(): void {
    this.#compaction.close();
    this.#log.close();
  }

  #pending: StoreEvent | undefined;

  #commit(type: EventType, entry: Entry, object: KubeObject, maxBytes = Number.POSITIVE_INFINITY): void {
    const rev = this.#revision + 1;
    object.metadata.resourceVersion = String(rev);
    const bytes = encodeObject(object);
    if (bytes.length > maxBytes) throw new ValueTooLargeError();
    const previous = entry.rev > 0 ? { rev: entry.rev, attributes: this.attributes(entry) } : undefined;
    const { resource, key, createRev } = entry;
    const deleted = type === 'DELETED';
    this.#append({ rev, resource, key, createRev, prevRev: entry.rev, deleted, value: bytes });
    this.#revision = rev;
    this.#lastChange.set(resource, rev);
    const attributes = this.#options.attributesOf(resource, object);
    this.#cache.delete(entry.rev);
    if (!deleted) {
      entry.rev = rev;
      entry.attributes = attributes;
      this.#cache.set(rev, bytes);
    }
    this.#pending = { rev, type, resource, key, bytes, attributes, previous };
  }

  #append(row: LogRow): void {
    try {
      this.#log.append(row);
      this.#isRefusing = false;
    } catch (error) {
      if (error instanceof StorageError && !this.#isRefusing) this.#options.onFault(error);
      this.#isRefusing = true;
      throw error;
    }
  }

  #tell(object: KubeObject): void {
    const event = this.#pending;
    this.#pending = undefined;
    for (const listener of event ? this.#listeners : []) {
      try {
        listener(event as StoreEvent, object);
      } catch (error) {
        this.#options.onFault(error);
      }
    }
    this.#compaction.schedule();
  }

  /** Forgets what no read at `target` or later needs. What is held stays on the disk until it is given free, but nobody new may read it. @throws StorageError */
  compact(target: number): void {
    this.#compaction.compact(target);
  }

  #load(row: LogKey): void {
    this.#revision = row.rev;
    this.#lastChange.set(row.resource, row.rev);
    const index = this.#indexOf(row.resource);
    const { resource, key, createRev, rev } = row;
    const live = index.get(key);
    if (row.deleted) index.delete(key);
    else if (live) live.rev = rev;
    else index.add({ resource, key, createRev, rev, attributes: undefined });
  }

  #toEvent({ rev, resource, key, prevRev, deleted }: LogKey): StoreEvent {
    const type: EventType = deleted ? 'DELETED' : prevRev === 0 ? 'ADDED' : 'MODIFIED';
    const bytes = this.valueAt(rev);
    const attributesIn = (value: Buffer) => this.#options.attributesOf(resource, decodeObject(value));
    const before = () => (prevRev > 0 ? this.bytesAt(prevRev) : undefined);
    return {
      rev,
      type,
      resource,
      key,
      bytes,
      // Who selects nothing asks for neither, and nothing is parsed.
      get attributes() {
        return attributesIn(bytes);
      },
      get previous() {
        const value = before();
        return value && { rev: prevRev, attributes: attributesIn(value) };
      },
    };
  }

  #indexOf(resource: string): KeyIndex {
    let index = this.#indexes.get(resource);
    if (!index) {
      index = new KeyIndex();
      this.#indexes.set(resource, index);
    }
    return index;
  }
}
