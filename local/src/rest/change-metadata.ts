import { cloneJson } from '../json/json.ts';
import type { ObjectMeta } from '../json/kube-object.ts';
import type { Resource } from '../registry/resource.ts';
import type { Entry } from '../store/key-index.ts';
import { decodeObject } from '../store/object-bytes.ts';
import type { Api } from './api.ts';
import { recordUpdate } from './field-owners.ts';
import { CONTROLLER_MANAGER } from './own-writes.ts';

/**
 * A change of finalizers or owner references by the server itself. It is not validated, so that an object from before a stricter schema
 * can still be cleared away. An object that is being deleted and loses its last finalizer is gone.
 */
export function changeMetadata(api: Api, resource: Resource, entry: Entry, change: (meta: ObjectMeta) => void): void {
  const object = decodeObject(api.store.bytes(entry));
  const before = cloneJson(object);
  change(object.metadata);
  const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata;
  if (finalizers.length === 0) delete object.metadata.finalizers;
  if (ownerReferences.length === 0) delete object.metadata.ownerReferences;
  const isHeld = finalizers.length > 0 || resource.strategy.beginDeletion !== undefined;
  if (deletionTimestamp && !isHeld) api.store.delete(entry, before);
  else {
    recordUpdate(api, resource, '', object, { object: before, rev: entry.rev }, CONTROLLER_MANAGER);
    api.store.put(entry.resource, entry.key, object);
  }
}
