import type { JsonObject } from '../json/json.ts';
import { compare } from './compare.ts';
import { difference, type FieldSet, isEmpty, LEAF, recursiveDifference, union } from './field-set.ts';
import type { FieldType } from './field-type.ts';
import { isSameOwner, type Owner } from './owner.ts';

/** What a write happens under. */
export interface WriteScope {
  /** The version of the request, and its type. */
  apiVersion: string;
  type: FieldType;
  /** The type of another version of the kind; undefined for one that is no longer there. */
  typeOf: (apiVersion: string) => FieldType | undefined;
  subresource: string;
  /** Fields that this endpoint does not take, with all below them: nobody comes to own them by it. */
  ignored: FieldSet;
  /** An object of the kind in which nothing is set. */
  empty: JsonObject;
  /** As objects carry it. */
  now: string;
}

/** What changed, seen by owners that name fields in a version. */
export interface ChangedFields {
  /** Added or modified. */
  set: FieldSet;
  removed: FieldSet;
}

const IDENTITY: FieldSet = Object.fromEntries(['apiVersion', 'kind', 'metadata'].map((name) => [`f:${name}`, LEAF]));
const META = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];
/** Fields that nobody owns: they name the object, or the server sets them. */
const NEVER_OWNED: FieldSet = {
  ...IDENTITY,
  'f:metadata': { '.': LEAF, ...Object.fromEntries(META.map((name) => [`f:${name}`, LEAF])) },
};

/** The fields of a set that can be owned. */
export function ownable(fields: FieldSet): FieldSet {
  return difference(fields, NEVER_OWNED);
}

/** What changed between two states, in the eyes of each version, compared once per version. Undefined for a version that is gone. */
export function changesByVersion(
  before: JsonObject,
  after: JsonObject,
  scope: WriteScope,
): (apiVersion: string) => ChangedFields | undefined {
  const known = new Map<string, ChangedFields>();
  return (apiVersion) => {
    const found = known.get(apiVersion);
    if (found) return found;
    const isOwn = apiVersion === scope.apiVersion;
    const type = isOwn ? scope.type : scope.typeOf(apiVersion);
    if (!type) return undefined;
    const { added, modified, removed } = compare(before, after, type);
    const kept = (fields: FieldSet) =>
      isOwn && !isEmpty(fields) ? recursiveDifference(fields, scope.ignored) : fields;
    const changes = { set: kept(union(added, modified)), removed: kept(removed) };
    known.set(apiVersion, changes);
    return changes;
  };
}

/** The owners after someone else has changed or removed fields. Those that have nothing left are gone. */
export function withoutChanged(
  owners: readonly Owner[],
  changes: (apiVersion: string) => ChangedFields | undefined,
): Owner[] {
  return owners.flatMap((owner) => {
    const changed = changes(owner.apiVersion);
    return changed ? withFields(owner, difference(difference(owner.fields, changed.set), changed.removed)) : [];
  });
}

/** The owner with other fields; none where it has nothing left. */
export function withFields(owner: Owner, fields: FieldSet): Owner[] {
  if (isEmpty(fields)) return [];
  return [fields === owner.fields ? owner : { ...owner, fields }];
}

/** The owners with one of them replaced, added, or taken away where it owns nothing. */
export function withOwner(owners: readonly Owner[], owner: Owner): Owner[] {
  const others = owners.filter((other) => !isSameOwner(other, owner));
  return isEmpty(owner.fields) ? others : [...others, owner];
}
