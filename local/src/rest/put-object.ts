import type { KubeObject } from '../json/kube-object.ts';
import type { Resource } from '../registry/resource.ts';
import { ApiError } from '../status/api-error.ts';
import { ValueTooLargeError } from '../store/revision-store.ts';
import type { Api } from './api.ts';

/** What etcd takes in one request, by default: an object that is larger could not be brought to a cluster. */
export const MAX_OBJECT_BYTES = 1.5 * 1024 * 1024;

/**
 * Stores an object, in the form that its kind is stored in. One that is too large is tried again without the record of field owners, as the
 * real server does. @throws ApiError 500 for one that is too large even so
 */
export function putObject(api: Api, resource: Resource, key: string, object: KubeObject): void {
  object.apiVersion = resource.storedApiVersion;
  try {
    if (put(api, resource, key, object)) return;
    delete object.metadata.managedFields;
    if (!put(api, resource, key, object)) throw new ApiError(500, '', 'etcdserver: request is too large');
  } finally {
    object.apiVersion = resource.apiVersion;
  }
}

/** @returns false where the object is too large */
function put(api: Api, resource: Resource, key: string, object: KubeObject): boolean {
  try {
    api.store.put(resource.storage, key, object, MAX_OBJECT_BYTES);
    return true;
  } catch (error) {
    if (error instanceof ValueTooLargeError) return false;
    throw error;
  }
}
