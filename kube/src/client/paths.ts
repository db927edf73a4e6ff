import type { ResourceRef } from '@dark-carnival/crds';

/** Which object of a resource. `namespace` is required for a namespaced one. */
export interface ObjectRef {
  name: string;
  namespace?: string | undefined;
}

/** `apiVersion` of a resource's objects. */
export function apiVersionOf({ group, version }: ResourceRef): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Path of all objects of a resource, in one namespace or (undefined) in all. */
export function collectionPath(resource: ResourceRef, namespace?: string): string {
  const { group, version, plural, namespaced } = resource;
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespaced && namespace !== undefined
    ? `${base}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${base}/${plural}`;
}

/**
 * Path of one object.
 * @throws TypeError without a name, or without the namespace of a namespaced object: such a path would address the whole collection.
 */
export function objectPath(resource: ResourceRef, { name, namespace }: ObjectRef, subresource?: string): string {
  if (!name) throw new TypeError(`a ${resource.kind} is addressed by its name`);
  if (resource.namespaced && !namespace)
    throw new TypeError(`${resource.kind} "${name}" is addressed by its namespace`);
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
