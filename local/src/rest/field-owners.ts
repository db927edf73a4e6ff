import { isReset, type Owner, readOwners, storedOwners, writeOwners } from '../field-ownership/owner.ts';
import type { WriteScope } from '../field-ownership/ownership.ts';
import { reconcileSchema } from '../field-ownership/reconcile-schema.ts';
import { trackUpdate } from '../field-ownership/track-update.ts';
import { type JsonObject, jsonEqual } from '../json/json.ts';
import type { KubeObject, ManagedFieldsEntry } from '../json/kube-object.ts';
import type { Resource } from '../registry/resource.ts';
import { type Api, nowOf } from './api.ts';

/** What a write to a resource happens under. */
export function writeScope(api: Api, resource: Resource, subresource: string): WriteScope {
  const { apiVersion, group, ownership } = resource;
  return {
    apiVersion,
    type: ownership.type,
    typeOf: (other) => {
      const [otherGroup, version = ''] = other.includes('/') ? other.split('/') : ['', other];
      return otherGroup === group ? ownership.typeOfVersion?.(version) : undefined;
    },
    subresource,
    ignored: subresource === 'status' ? ownership.ignoredByStatus : ownership.ignored,
    empty: ownership.empty,
    now: nowOf(api),
  };
}

/** The recorded owners of a live object, under today's schema. @param rev the revision that it was written at */
export function ownersOf(scope: WriteScope, resource: Resource, object: KubeObject, rev: number): Owner[] {
  const owners = storedOwners(object.metadata.managedFields);
  return rev < resource.schemaRevision ? underSchema(owners, scope) : owners;
}

/**
 * The version of an owner that a custom kind has no longer. As in the real server an update then throws the record away, and an apply is
 * refused; built-in kinds only lose that owner.
 */
export function lostVersion(scope: WriteScope, resource: Resource, owners: readonly Owner[]): string | undefined {
  if (!resource.custom) return undefined;
  return owners.find(({ apiVersion }) => apiVersion !== scope.apiVersion && !scope.typeOf(apiVersion))?.apiVersion;
}

function underSchema(owners: Owner[], scope: WriteScope): Owner[] {
  return owners.map((owner) => {
    const type = owner.apiVersion === scope.apiVersion ? scope.type : scope.typeOf(owner.apiVersion);
    return type ? { ...owner, fields: reconcileSchema(owner.fields, type) } : owner;
  });
}

/** An object as owners see it: without the record itself. A member that is undefined counts as absent; to leave it out costs more. */
export function withoutRecord(object: KubeObject): JsonObject {
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } };
}

/** An object before a write, with the revision that it was written at. */
export interface Before {
  object: KubeObject;
  rev: number;
}

/**
 * Records in a new object, in place, who owns which field after a create, an update or a patch. What the request itself states as owners
 * counts where it can be read; an object whose record is empty stays without one.
 */
export function recordUpdate(
  api: Api,
  resource: Resource,
  subresource: string,
  object: KubeObject,
  before: Before | undefined,
  manager: string,
): void {
  const scope = writeScope(api, resource, subresource);
  const stated = object.metadata.managedFields;
  delete object.metadata.managedFields;
  const owners = ownersBefore(scope, resource, before, subresource ? undefined : stated);
  if ((owners.length === 0 && before) || lostVersion(scope, resource, owners) !== undefined) return;
  const old = before ? withoutRecord(before.object) : scope.empty;
  setRecord(object, writeOwners(trackUpdate(owners, old, object, manager, scope)));
}

/** Puts the record into the object, or takes it out. */
export function setRecord(object: KubeObject, entries: ManagedFieldsEntry[] | undefined): void {
  if (entries) object.metadata.managedFields = entries;
  else delete object.metadata.managedFields;
}

function ownersBefore(
  scope: WriteScope,
  resource: Resource,
  before: Before | undefined,
  stated: ManagedFieldsEntry[] | undefined,
): Owner[] {
  const live = before?.object.metadata.managedFields;
  if (stated && isReset(stated)) return [];
  const own = stated && !jsonEqual(stated, live) ? readOwners(stated) : undefined;
  if (own && own.length > 0) return underSchema(own, scope);
  return before ? ownersOf(scope, resource, before.object, before.rev) : [];
}

/** True when two records differ in nothing but times: a write that changes no more is none. */
export function isSameRecord(a: readonly ManagedFieldsEntry[] = [], b: readonly ManagedFieldsEntry[] = []): boolean {
  return (
    a.length === b.length &&
    a.every((entry, index) => {
      const { time: _old, ...rest } = entry;
      const { time: _new, ...other } = b[index] ?? {};
      return jsonEqual(rest, other);
    })
  );
}
