import type { KubeObject } from '@dark-carnival/crds';
import type { WatchEvent } from '../client/watch-event.ts';
import type { HandlerSet } from './handlers.ts';
import { compareResourceVersions } from './resource-version.ts';
import { objectKey, type Store } from './store.ts';

/** Applied to each object before it is kept: drop here what nobody reads. May change its argument. */
export type Transform<T extends KubeObject> = (object: T) => T;

/** Drops managedFields, often half of an object's bytes. */
export function stripManagedFields<T extends KubeObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  // A copy without the member, since `delete` would leave each cached object in V8's slow and larger dictionary mode.
  const { managedFields: _, ...metadata } = object.metadata;
  object.metadata = metadata;
  return object;
}

/** Brings lists and events into a store, and tells the handlers what changed: each real change once, nothing twice. */
export class CacheWriter<T extends KubeObject> {
  readonly #store: Store<T>;
  readonly #handlers: HandlerSet<T>;
  readonly #transform: Transform<T>;

  constructor(store: Store<T>, handlers: HandlerSet<T>, transform: Transform<T>) {
    this.#store = store;
    this.#handlers = handlers;
    this.#transform = transform;
  }

  /** One object of a list, which is the truth even where it is older than the cache (an etcd that was restored). */
  list(object: T, info: { initial: boolean }): void {
    const before = this.#store.get(objectKey(object));
    if (before && sameVersion(before, object)) return;
    this.#put(before, this.#transform(object), info);
  }

  /** After a list: what it does not have was deleted while nobody looked. */
  retain(listed: ReadonlySet<string>): void {
    for (const key of [...this.#store.keys()]) {
      if (!listed.has(key)) this.#remove(key, undefined);
    }
  }

  event(event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>): void {
    const { type, object } = event;
    const key = objectKey(object);
    const before = this.#store.get(key);
    if (before && isOlder(object, before, type)) return;
    if (type === 'DELETED') this.#remove(key, this.#transform(object));
    else this.#put(before, this.#transform(object), { initial: false });
  }

  #put(before: T | undefined, object: T, info: { initial: boolean }): void {
    if (before && before.metadata.uid !== object.metadata.uid) {
      // Another object under an old name: whoever tracks the old one must hear of its end (Sieve: casskop#316).
      this.#remove(objectKey(before), undefined);
      this.#store.set(object);
      this.#handlers.added(object, info);
      return;
    }
    this.#store.set(object);
    if (before) this.#handlers.updated(before, object);
    else this.#handlers.added(object, info);
  }

  #remove(key: string, lastState: T | undefined): void {
    const before = this.#store.delete(key);
    if (before) this.#handlers.deleted(lastState ?? before, { finalStateUnknown: lastState === undefined });
  }
}

const sameVersion = (a: KubeObject, b: KubeObject) =>
  a.metadata.uid === b.metadata.uid && a.metadata.resourceVersion === b.metadata.resourceVersion;

/** A repeated or overtaken event, as after a reconnect. Some servers send a deletion with the object's last version, so an equal one is still news. */
function isOlder(object: KubeObject, known: KubeObject, type: string): boolean {
  const order = compareResourceVersions(object.metadata.resourceVersion, known.metadata.resourceVersion);
  if (order === undefined) return false;
  return type === 'DELETED' ? order < 0 : order <= 0;
}
