import type { KubeObject } from '@dark-carnival/crds';
import { compareResourceVersions, type ReadonlyStore } from '@dark-carnival/kube';

/**
 * The cache, with our own writes laid over it until their echo comes: a reconcile never decides on a state that this process itself has already
 * left.
 */
export class Latest<T extends KubeObject> {
  readonly #store: ReadonlyStore<T>;
  readonly #written = new Map<string, T>();

  constructor(store: ReadonlyStore<T>) {
    this.#store = store;
  }

  /** The newest known state; undefined once the cache has no such object any more. */
  get(key: string): T | undefined {
    const cached = this.#store.get(key);
    const written = this.#written.get(key);
    if (!cached || !written) return cached;
    const order = compareResourceVersions(written.metadata.resourceVersion, cached.metadata.resourceVersion);
    if (written.metadata.uid === cached.metadata.uid && order !== undefined && order > 0) return written;
    this.#written.delete(key);
    return cached;
  }

  /** Notes the server's answer to a write of ours. */
  wrote(key: string, object: T): void {
    this.#written.set(key, object);
  }

  /** Whether a state is the echo of our last write: nothing that we would not know. */
  isEcho(key: string, object: T): boolean {
    const written = this.#written.get(key);
    return written !== undefined && written.metadata.resourceVersion === object.metadata.resourceVersion;
  }

  forget(key: string): void {
    this.#written.delete(key);
  }
}
