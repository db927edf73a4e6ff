import { type JsonObject, jsonEqual } from '../json/json.ts';
import { fieldsOf } from './applied-fields.ts';
import { ApplyConflictError, conflictsOver } from './apply-conflict.ts';
import { intersection, recursiveDifference } from './field-set.ts';
import { mergeConfiguration } from './merge.ts';
import { isSameOwner, type Owner } from './owner.ts';
import { changesByVersion, ownable, type WriteScope, withOwner, withoutChanged } from './ownership.ts';
import { pruneAbandoned } from './prune-abandoned.ts';
import { ownerOf, trackUpdate } from './track-update.ts';

/** What an apply makes. */
export interface Applied {
  /** Not defaulted yet; the live object itself when nothing changed. */
  object: JsonObject;
  owners: Owner[];
}

/** Owns what was there before the first apply to an object whose owners were not recorded. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * Server-side apply: merges a configuration into the live object, takes away what its manager no longer names and nobody else owns, and
 * gives the manager what it names. Both must be of the type. Neither is changed; the result shares parts of both.
 * @throws ApplyConflictError where it would change fields of others without force
 */
export function applyConfiguration(
  live: JsonObject,
  configuration: JsonObject,
  owners: readonly Owner[],
  manager: string,
  scope: WriteScope,
  force: boolean,
): Applied {
  const recorded = owners.length > 0 ? owners : trackUpdate([], scope.empty, live, BEFORE_FIRST_APPLY, scope);
  const identity = ownerOf(manager, 'Apply', scope);
  const last = recorded.find((owner) => isSameOwner(owner, identity));
  const others = recorded.filter((owner) => owner !== last);
  const fields = recursiveDifference(fieldsOf(configuration, scope.type), scope.ignored);
  const own = { ...identity, time: last?.time, fields };
  const merged = mergeConfiguration(live, configuration, scope.type);
  const typeOf = (version: string) => (version === scope.apiVersion ? scope.type : scope.typeOf(version));
  const object = pruneAbandoned(merged, last, [...others, own], typeOf);
  const changes = changesByVersion(live, object, scope);
  const conflicts = others.flatMap((owner) => {
    const changed = changes(owner.apiVersion);
    return changed ? conflictsOver(owner, intersection(owner.fields, changed.set)) : [];
  });
  if (!force && conflicts.length > 0) throw new ApplyConflictError(conflicts);
  const left = withoutChanged(others, changes);
  const owned = ownable(own.fields);
  if (jsonEqual(live, object)) return { object: live, owners: withOwner(left, { ...own, fields: owned }) };
  return { object, owners: withOwner(left, { ...own, time: scope.now, fields: owned }) };
}
