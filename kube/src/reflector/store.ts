import type { KubeObject } from '@dark-carnival/crds';

/** `namespace/name`, or `name` for an object without namespace: the key of caches and queues. */
export function objectKey(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The inverse of objectKey. */
export function splitKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/');
  return slash === -1
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Values that an object is found by; none leaves it out of the index. Pure, and total: it sees objects that nobody validated. */
export type Indexer<T extends KubeObject> = (object: T) => readonly string[];

/** What readers of a cache see. Objects are shared: never change one that came from here. */
export interface ReadonlyStore<T extends KubeObject> {
  readonly size: number;
  get(key: string): T | undefined;
  /** The object of that name whose uid is `uid`: an object made anew under an old name is another one. */
  getByUid(uid: string): T | undefined;
  values(): IterableIterator<T>;
  keys(): IterableIterator<string>;
  /**
   * Objects that an index has under `value`, in no particular order. Costs as much as it returns.
   * @throws TypeError for an index that the store does not have.
   */
  byIndex(index: string, value: string): T[];
  /** How many byIndex would return. */
  countByIndex(index: string, value: string): number;
}

/** Finds objects by namespace; every store has it. */
export const BY_NAMESPACE = 'namespace';
/** Finds objects by the uid of an owner; every store has it. */
export const BY_OWNER = 'owner';

const builtInIndexers: Readonly<Record<string, Indexer<KubeObject>>> = {
  [BY_NAMESPACE]: ({ metadata }) => (metadata.namespace === undefined ? [] : [metadata.namespace]),
  [BY_OWNER]: ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? [],
};

/** Objects of one kind by key, with indexes that are kept at each change: no reader scans. */
export class Store<T extends KubeObject> implements ReadonlyStore<T> {
  readonly #objects = new Map<string, T>();
  readonly #keysByUid = new Map<string, string>();
  readonly #indexes = new Map<string, { indexer: Indexer<T>; keys: Map<string, Set<string>> }>();

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    for (const [name, indexer] of Object.entries({ ...builtInIndexers, ...indexers })) {
      this.#indexes.set(name, { indexer, keys: new Map() });
    }
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  getByUid(uid: string): T | undefined {
    const key = this.#keysByUid.get(uid);
    return key === undefined ? undefined : this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  byIndex(index: string, value: string): T[] {
    const found: T[] = [];
    for (const key of this.#index(index).get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  countByIndex(index: string, value: string): number {
    return this.#index(index).get(value)?.size ?? 0;
  }

  /** Puts an object in the place of the one that has its key. */
  set(object: T): void {
    const key = objectKey(object);
    const before = this.#objects.get(key);
    this.#objects.set(key, object);
    if (before?.metadata.uid !== object.metadata.uid) {
      if (before?.metadata.uid !== undefined) this.#keysByUid.delete(before.metadata.uid);
      if (object.metadata.uid !== undefined) this.#keysByUid.set(object.metadata.uid, key);
    }
    for (const { indexer, keys } of this.#indexes.values()) {
      reindex(keys, key, before ? indexer(before) : [], indexer(object));
    }
  }

  /** @returns the object that is gone now, if there was one. */
  delete(key: string): T | undefined {
    const before = this.#objects.get(key);
    if (before === undefined) return undefined;
    this.#objects.delete(key);
    if (before.metadata.uid !== undefined) this.#keysByUid.delete(before.metadata.uid);
    for (const { indexer, keys } of this.#indexes.values()) reindex(keys, key, indexer(before), []);
    return before;
  }

  #index(name: string): Map<string, Set<string>> {
    const index = this.#indexes.get(name);
    if (!index) throw new TypeError(`the store has no index "${name}"`);
    return index.keys;
  }
}

/** Most updates leave an object under the same values: then nothing is touched. */
function reindex(
  keys: Map<string, Set<string>>,
  key: string,
  before: readonly string[],
  after: readonly string[],
): void {
  for (const value of before) {
    if (!after.includes(value)) removeFrom(keys, value, key);
  }
  for (const value of after) {
    if (!before.includes(value)) addTo(keys, value, key);
  }
}

function addTo(keys: Map<string, Set<string>>, value: string, key: string): void {
  const set = keys.get(value);
  if (set) set.add(key);
  else keys.set(value, new Set([key]));
}

function removeFrom(keys: Map<string, Set<string>>, value: string, key: string): void {
  const set = keys.get(value);
  if (!set?.delete(key)) return;
  // An empty set left behind for each value ever seen would be a slow leak.
  if (set.size === 0) keys.delete(value);
}
