import type { KubeObject } from '@dark-carnival/crds';
import { objectKey, type Reflector } from '@dark-carnival/kube';
import type { Priority } from './workqueue.ts';

/** Puts a key into a controller's queue. */
export type Enqueue = (key: string, priority: Priority) => void;

/** Something that knows when a key is worth a look. Subscribing tells everything that is there already. */
export type Source = (enqueue: Enqueue) => () => void;

/** Whether a change is worth a reconcile. Must not miss one: when in doubt, true. */
export type Matters<T extends KubeObject> = (before: T, after: T) => boolean;

const always = () => true;

/** The objects of a reflector, each under its own key. */
export function objectsOf<T extends KubeObject>(reflector: Reflector<T>, matters: Matters<T> = always): Source {
  return mappedFrom(reflector, (object) => [objectKey(object)], matters);
}

/**
 * Objects that others depend on: each change wakes the keys that `toKeys` names, for the state before as well as after, so that a key that lost its
 * object hears of it.
 */
export function mappedFrom<T extends KubeObject>(
  reflector: Reflector<T>,
  toKeys: (object: T) => Iterable<string>,
  matters: Matters<T> = always,
): Source {
  return (enqueue) => {
    const enqueueAll = (object: T, priority: Priority) => {
      for (const key of toKeys(object)) enqueue(key, priority);
    };
    return reflector.subscribe({
      onAdd: (object, { initial }) => enqueueAll(object, initial ? 'low' : 'high'),
      onUpdate: (before, after) => {
        if (!matters(before, after)) return;
        enqueueAll(before, 'high');
        enqueueAll(after, 'high');
      },
      onDelete: (object) => enqueueAll(object, 'high'),
    });
  };
}

/** Keys (in the object's namespace) of the owners of a kind: for objects that a controller made. */
export function ownersOfKind(kind: string): (object: KubeObject) => string[] {
  return ({ metadata }) =>
    (metadata.ownerReferences ?? [])
      .filter((owner) => owner.kind === kind)
      .map(({ name }) => (metadata.namespace === undefined ? name : `${metadata.namespace}/${name}`));
}
