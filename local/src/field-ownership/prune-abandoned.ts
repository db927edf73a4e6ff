import type { JsonObject } from '../json/json.ts';
import { fieldsOf } from './applied-fields.ts';
import { difference, type FieldSet, intersection, isEmpty, union } from './field-set.ts';
import type { FieldType } from './field-type.ts';
import { withNamedFields } from './named-fields.ts';
import type { Owner } from './owner.ts';
import { removeFields } from './remove-fields.ts';

/**
 * The merged object without what an applier named last time and names no longer, unless another owner holds it; as structured-merge-diff's
 * `prune`. `owners` are those after the apply, with the applier's new fields.
 */
export function pruneAbandoned(
  merged: JsonObject,
  last: Owner | undefined,
  owners: readonly Owner[],
  typeOf: (apiVersion: string) => FieldType | undefined,
): JsonObject {
  const type = last && typeOf(last.apiVersion);
  if (!last || !type || isEmpty(last.fields)) return merged;
  const without = removeFields(merged, withNamedFields(last.fields, type), type);
  const owned = addBackOwned(merged, without, last.apiVersion, owners, typeOf);
  return removeOwnOnly(merged, owned, last.fields, type);
}

/** Adds back what someone owns, version by version: the last apply's first. */
function addBackOwned(
  merged: JsonObject,
  pruned: JsonObject,
  firstVersion: string,
  owners: readonly Owner[],
  typeOf: (apiVersion: string) => FieldType | undefined,
): JsonObject {
  const versions = [...new Set([firstVersion, ...owners.map(({ apiVersion }) => apiVersion)])];
  return versions.reduce((left, version) => {
    const type = typeOf(version);
    const own = owners.filter(({ apiVersion }) => apiVersion === version);
    if (!type || own.length === 0) return left;
    const held = own.map(({ fields }) => fields).reduce(union);
    const named = (set: FieldSet) => withNamedFields(set, type);
    const kept = union(named(fieldsOf(left, type)), named(held));
    return removeFields(merged, difference(named(fieldsOf(merged, type)), kept), type);
  }, pruned);
}

/** Of what was pruned, only what the applier had is removed: fields that nobody owns stay. */
function removeOwnOnly(merged: JsonObject, pruned: JsonObject, last: FieldSet, type: FieldType): JsonObject {
  const named = (set: FieldSet) => withNamedFields(set, type);
  const gone = difference(named(fieldsOf(merged, type)), named(fieldsOf(pruned, type)));
  return removeFields(merged, intersection(gone, named(last)), type);
}
