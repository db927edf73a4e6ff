import type { JsonObject } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { objectKey, type Resource, splitKey } from '../registry/resource.ts';
import { conflict, forbidden, notFound } from '../status/api-error.ts';
import type { Entry } from '../store/key-index.ts';
import { type Api, nowOf, readEntry, type Target } from './api.ts';
import type { DeleteOptions } from './delete-options.ts';
import { removeObject } from './remove.ts';

/** The finalizers that the garbage collector clears. */
export const ORPHAN = 'orphan';
export const FOREGROUND = 'foregroundDeletion';

/** What a deletion answers: the object while something still holds it, else a Status of success. */
export interface DeleteResult {
  gone: boolean;
  body: KubeObject | JsonObject;
}

const IMMORTAL_NAMESPACES = ['default', 'kube-system'];

/** DELETE. @throws ApiError */
export function deleteObject(api: Api, target: Target, options: DeleteOptions): DeleteResult {
  const { resource, namespace, name } = target;
  const entry = api.store.entry(resource.storage, objectKey(resource, namespace, name));
  if (!entry) throw notFound(resource, name);
  if (resource.kind === 'Namespace' && IMMORTAL_NAMESPACES.includes(name)) {
    throw forbidden(resource, name, 'this namespace may not be deleted');
  }
  return deleteEntry(api, resource, entry, options);
}

/** Deletes, or marks as deleting, a live object. @throws ApiError 409 when a precondition fails */
export function deleteEntry(api: Api, resource: Resource, entry: Entry, options: DeleteOptions): DeleteResult {
  const object = readEntry(api, resource, entry);
  checkPreconditions(resource, object, options);
  const marked = markAsDeleting(api, resource, object, options);
  if (marked === 'already') return { gone: false, body: object };
  if (marked === 'held') {
    if (!options.dryRun) save(api, resource, entry, object);
    return { gone: false, body: object };
  }
  if (!options.dryRun) removeObject(api, resource, entry);
  return { gone: true, body: success(resource, object) };
}

function save(api: Api, resource: Resource, entry: Entry, object: KubeObject): void {
  object.apiVersion = resource.storedApiVersion;
  api.store.put(entry.resource, entry.key, object);
  object.apiVersion = resource.apiVersion;
}

/** Marks the object where finalizers, or the kind itself, hold it. */
function markAsDeleting(
  api: Api,
  resource: Resource,
  object: KubeObject,
  options: DeleteOptions,
): 'free' | 'held' | 'already' {
  const meta = object.metadata;
  if (resource.strategy.beginDeletion && !meta.deletionTimestamp) {
    resource.strategy.beginDeletion(object, nowOf(api));
    return 'held';
  }
  const finalizers = finalizersFor(meta.finalizers ?? [], options);
  const isChanged = finalizers.join() !== (meta.finalizers ?? []).join();
  if (finalizers.length > 0) meta.finalizers = finalizers;
  else delete meta.finalizers;
  if (finalizers.length === 0) return resource.strategy.beginDeletion ? 'already' : 'free';
  if (meta.deletionTimestamp) return isChanged ? 'held' : 'already';
  if (meta.generation) meta.generation += 1;
  meta.deletionTimestamp = nowOf(api);
  meta.deletionGracePeriodSeconds = 0;
  return 'held';
}

/** The policy asked for decides; without one, what the object already carries. */
function finalizersFor(present: string[], options: DeleteOptions): string[] {
  const { propagationPolicy } = options;
  if (!propagationPolicy) return present;
  const others = present.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  if (propagationPolicy === 'Orphan') return [...others, ORPHAN];
  return propagationPolicy === 'Foreground' ? [...others, FOREGROUND] : others;
}

function checkPreconditions(resource: Resource, object: KubeObject, options: DeleteOptions): void {
  // The real server puts the kind where the plural belongs.
  const subject = { group: resource.group, plural: resource.kind };
  const { uid, resourceVersion, name } = object.metadata;
  if (options.uid !== undefined && options.uid !== uid) {
    const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(subject, name, why);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(subject, name, why);
  }
}

function success(resource: Resource, object: KubeObject): JsonObject {
  const { name, uid } = object.metadata;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(resource.group && { group: resource.group }), kind: resource.plural, uid: uid ?? '' },
  };
}

/** Deletes each of the entries; those that are gone meanwhile are passed over. Gives the objects as they were. @throws ApiError */
export function deleteEntries(
  api: Api,
  resource: Resource,
  entries: readonly Entry[],
  options: DeleteOptions,
): KubeObject[] {
  return entries.map((entry) => {
    const object = readEntry(api, resource, entry);
    const { namespace, name } = splitKey(resource, entry.key);
    deleteObject(api, { resource, namespace, name, subresource: '' }, options);
    return object;
  });
}
