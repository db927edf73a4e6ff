import type { KubeObject } from '../json/kube-object.ts';
import { ByteCache } from './byte-cache.ts';
import { type Attributes, type Entry, KeyIndex } from './key-index.ts';
import { type LogKey, type LogRow, SqliteLog } from './sqlite-log.ts';
import { StorageError } from './storage-error.ts';
import type { CommitListener, EventType, StoreEvent } from './store-event.ts';

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

/** Revisions compacted in one go: bounds the pause. */
const COMPACTION_STEP = 500;

/** An object is larger than its writer allows: nothing was changed. */
export class ValueTooLargeError extends Error {}

/** The first key after every other key of ASCII letters. */
export const END_OF_KEYS = '\u{10ffff}';

/** The object as bytes for the log and the wire, apiVersion and kind first: lists of built-in kinds cut them off by length. */
export function encodeObject(object: KubeObject): Buffer {
  const { apiVersion, kind, ...rest } = object;
  return Buffer.from(JSON.stringify({ apiVersion, kind, ...rest }));
}

export function decodeObject(bytes: Buffer): KubeObject {
  return JSON.parse(bytes.toString()) as KubeObject;
}

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
  #revision = 0;
  #compacted: number;
  #compactionDue = false;
  #closed = false;
  #isRefusing = false;

  /** @throws LogInUseError when another process has the file; UnusableLogError when it is damaged. */
  constructor(options: RevisionStoreOptions) {
    this.#options = options;
    this.#cache = new ByteCache(options.cacheBytes);
    this.#log = new SqliteLog(options.path);
    this.#compacted = this.#log.compacted();
    for (const row of this.#log.keys()) this.#load(row);
    this.#revision = Math.max(this.#revision, this.#log.floor());
  }

  /** The newest revision. It only grows, across restarts too. */
  get revision(): number {
    return this.#revision;
  }

  /** The newest revision whose past has been forgotten: a read must ask for this one or a later one. */
  get compacted(): number {
    return this.#compacted;
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
    const value = this.bytesAt(entry.rev);
    if (!value) throw new Error(`the log lost revision ${entry.rev} of ${entry.resource} ${entry.key}`);
    this.#cache.set(entry.rev, value);
    return value;
  }

  /** A fresh copy of a live entry's object, for the caller to change. */
  object(entry: Entry): KubeObject {
    return decodeObject(this.bytes(entry));
  }

  /** The value written at a revision, or undefined when it was compacted. */
  bytesAt(rev: number): Buffer | undefined {
    return this.#cache.get(rev) ?? this.#log.row(rev)?.value;
  }

  attributes(entry: Entry): Attributes {
    entry.attributes ??= this.#options.attributesOf(entry.resource, this.object(entry));
    return entry.attributes;
  }

  /** The selectable fields of a resource changed: they are read again when needed. */
  forgetAttributes(resource: string): void {
    for (const entry of this.entries(resource)) entry.attributes = undefined;
  }

  /** The values at an older revision, in the order of keys. The caller checks that the revision is not compacted. */
  *valuesAt(
    rev: number,
    resource: string,
    from: string,
    to: string,
  ): IterableIterator<{ key: string; rev: number; bytes: Buffer }> {
    for (const row of this.#log.rowsAt(rev, resource, from, to)) yield { key: row.key, rev: row.rev, bytes: row.value };
  }

  countAt(rev: number, resource: string, from: string, to: string): number {
    return this.#log.countAt(rev, resource, from, to);
  }

  /** The events of a resource after a revision, from the log. The caller checks that the revision is not compacted. */
  eventsAfter(rev: number, resource: string): StoreEvent[] {
    return this.#log.rowsAfter(rev, resource).map((row) => this.#toEvent(row));
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
    this.#closed = true;
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
    this.#scheduleCompaction();
  }

  #scheduleCompaction(): void {
    const target = this.#revision - this.#options.historyLimit;
    if (this.#compactionDue || target - this.#compacted < COMPACTION_STEP) return;
    this.#compactionDue = true;
    this.#options.defer(() => {
      this.#compactionDue = false;
      if (this.#closed) return;
      try {
        this.compact(Math.min(this.#compacted + COMPACTION_STEP, this.#revision - this.#options.historyLimit));
      } catch (error) {
        // The next write tries again: until then nothing is missing, only too much is kept.
        this.#options.onFault(error);
        return;
      }
      this.#scheduleCompaction();
    });
  }

  /** Forgets what no read at `target` or later needs. */
  compact(target: number): void {
    const upTo = Math.min(target, this.#revision);
    if (upTo <= this.#compacted) return;
    this.#log.compact(this.#compacted, upTo);
    this.#compacted = upTo;
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

  #toEvent(row: LogRow): StoreEvent {
    const { rev, resource, key, value: bytes } = row;
    const type: EventType = row.deleted ? 'DELETED' : row.prevRev === 0 ? 'ADDED' : 'MODIFIED';
    const before = row.prevRev > 0 ? this.bytesAt(row.prevRev) : undefined;
    const attributes = this.#options.attributesOf(resource, decodeObject(bytes));
    const previous = before && {
      rev: row.prevRev,
      attributes: this.#options.attributesOf(resource, decodeObject(before)),
    };
    return { rev, type, resource, key, bytes, attributes, previous };
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
