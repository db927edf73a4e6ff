import { goJsonType, isJsonObject, type JsonObject, type JsonValue, jsonEqual, setMember } from '../json/json.ts';
import { badRequest } from '../status/api-error.ts';

/** Lists of the built-in kinds served here that merge by a key. */
const MERGE_KEYS: { readonly [path: string]: string } = {
  'metadata.ownerReferences': 'uid',
  'status.conditions': 'type',
};
/** Lists of scalars that merge as sets. */
const SETS: ReadonlySet<string> = new Set(['metadata.finalizers']);

const PATCH = '$patch';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';
const RETAIN_KEYS = '$retainKeys';

/**
 * The strategic merge of the built-in kinds: objects merge, null removes, lists replace unless the tables above name a merge key,
 * `$patch: replace|delete`, `$deleteFromPrimitiveList` and `$retainKeys` as in the API. The target may be changed.
 * @throws ApiError 400
 */
export function strategicMergePatch(target: JsonObject, patch: JsonValue): JsonValue {
  if (patch === null) return target;
  if (!isJsonObject(patch)) {
    throw badRequest(`json: cannot unmarshal ${goJsonType(patch)} into Go value of type map[string]interface {}`);
  }
  return mergeObjects(target, patch, '');
}

function mergeObjects(target: JsonObject, patch: JsonObject, path: string): JsonObject {
  const directive = patch[PATCH];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`Unknown patch type found: ${String(directive)}`);
  retainKeys(target, patch);
  for (const member of Object.keys(patch)) mergeMember(target, patch, member, path);
  return target;
}

function retainKeys(target: JsonObject, patch: JsonObject): void {
  const keys = patch[RETAIN_KEYS];
  if (!Array.isArray(keys)) return;
  for (const member of Object.keys(target)) if (!keys.includes(member)) delete target[member];
}

function isDirective(member: string): boolean {
  return member === PATCH || member === RETAIN_KEYS || member.startsWith(ORDER) || member.startsWith(DELETE_FROM_LIST);
}

function mergeMember(target: JsonObject, patch: JsonObject, member: string, path: string): void {
  const value = patch[member] as JsonValue;
  if (member.startsWith(DELETE_FROM_LIST)) removeScalars(target, member.slice(DELETE_FROM_LIST.length), value);
  if (isDirective(member)) return;
  if (value === null) {
    delete target[member];
    return;
  }
  const at = path ? `${path}.${member}` : member;
  setMember(target, member, mergeValues(Object.hasOwn(target, member) ? target[member] : undefined, value, at));
}

function mergeValues(present: JsonValue | undefined, value: JsonValue, path: string): JsonValue {
  if (isJsonObject(value)) return mergeObjects(isJsonObject(present) ? present : {}, value, path);
  if (!Array.isArray(value)) return value;
  const items = Array.isArray(present) ? present : [];
  if (SETS.has(path)) return [...value, ...items.filter((item) => !value.includes(item))];
  const key = MERGE_KEYS[path];
  return key === undefined ? value : mergeLists(items, value, key, path);
}

function mergeLists(items: JsonValue[], patch: JsonValue[], key: string, path: string): JsonValue[] {
  if (patch.some((item) => isJsonObject(item) && item[PATCH] === 'replace' && Object.keys(item).length === 1)) {
    return patch.filter((item) => !(isJsonObject(item) && item[PATCH] === 'replace'));
  }
  const merged = [...items];
  for (const item of patch) {
    if (!isJsonObject(item) || item[key] === undefined)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const index = merged.findIndex((present) => isJsonObject(present) && jsonEqual(present[key], item[key]));
    if (item[PATCH] === 'delete') {
      if (index >= 0) merged.splice(index, 1);
    } else if (index < 0) merged.push(withoutDirectives(item));
    else merged[index] = mergeObjects(merged[index] as JsonObject, item, path);
  }
  return merged;
}

function removeScalars(target: JsonObject, member: string, values: JsonValue): void {
  const items = target[member];
  if (!Array.isArray(items) || !Array.isArray(values)) return;
  target[member] = items.filter((item) => !values.includes(item));
}

function withoutDirectives(patch: JsonObject): JsonObject {
  const { [PATCH]: _directive, ...rest } = patch;
  return rest;
}
