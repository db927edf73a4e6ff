import type { KubeObject } from '@dark-carnival/crds';

/** What a subscriber of a cache is told, after the cache has changed. May be async; what it throws is reported and hurts nobody else. */
export interface ReflectorHandler<T extends KubeObject> {
  /** `initial`: the object was there when the cache (or this subscription) began. */
  onAdd?(object: T, info: { initial: boolean }): void | Promise<void>;
  onUpdate?(before: T, after: T): void | Promise<void>;
  /** `finalStateUnknown`: the deletion itself was missed, and `object` is how it was last seen. */
  onDelete?(object: T, info: { finalStateUnknown: boolean }): void | Promise<void>;
}

/** Subscribers, each shielded from the others. */
export class HandlerSet<T extends KubeObject> {
  readonly #handlers = new Set<ReflectorHandler<T>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** @returns the way to unsubscribe. */
  add(handler: ReflectorHandler<T>): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  added(object: T, info: { initial: boolean }): void {
    for (const handler of this.#handlers) this.replay(handler, object, info);
  }

  updated(before: T, after: T): void {
    for (const handler of this.#handlers) this.#shield(() => handler.onUpdate?.(before, after));
  }

  deleted(object: T, info: { finalStateUnknown: boolean }): void {
    for (const handler of this.#handlers) this.#shield(() => handler.onDelete?.(object, info));
  }

  /** Tells one subscriber about an object that it has not seen. */
  replay(handler: ReflectorHandler<T>, object: T, info: { initial: boolean }): void {
    this.#shield(() => handler.onAdd?.(object, info));
  }

  /** A throw, and a rejection that nobody awaits, both would end the process (client-node-defects.test.ts, 9). */
  #shield(call: () => void | Promise<void>): void {
    try {
      call()?.then(undefined, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }
}
