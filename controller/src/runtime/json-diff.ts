import { isDeepStrictEqual } from 'node:util';
import { type JsonPatchOperation, pointerSegment } from '@dark-carnival/kube';

type JsonMap = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member that is undefined is not there, as in JSON. */
function definedKeys(map: JsonMap): string[] {
  return Object.keys(map).filter((key) => map[key] !== undefined);
}

/** Whether two values are the same JSON. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isMap(a) || !isMap(b)) {
    if (!Array.isArray(a) || !Array.isArray(b)) return isDeepStrictEqual(a, b);
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  const keys = definedKeys(a);
  return keys.length === definedKeys(b).length && keys.every((key) => b[key] !== undefined && sameJson(a[key], b[key]));
}

/**
 * The merge patch (RFC 7386) that turns `before` into `after`: maps are descended into, all else is replaced, null removes.
 * @returns undefined when there is nothing to change. `after` must hold no null: a merge patch cannot write one.
 */
export function mergeDiff(before: JsonMap, after: JsonMap): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of definedKeys(before)) {
    if (after[key] === undefined) patch[key] = null;
  }
  for (const key of definedKeys(after)) {
    const [old, fresh] = [before[key], after[key]];
    if (sameJson(old, fresh)) continue;
    patch[key] = isMap(old) && isMap(fresh) ? mergeDiff(old, fresh) : fresh;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/**
 * JSON patch operations (RFC 6902) that turn the map at `path` from `before` into `after`, member by member.
 * @param before undefined when there is nothing at `path` yet.
 */
export function jsonDiff(path: string, before: JsonMap | undefined, after: JsonMap): JsonPatchOperation[] {
  if (before === undefined) return [{ op: 'add', path, value: after }];
  const operations: JsonPatchOperation[] = [];
  for (const key of definedKeys(before)) {
    if (after[key] === undefined) operations.push({ op: 'remove', path: `${path}/${pointerSegment(key)}` });
  }
  for (const key of definedKeys(after)) {
    if (sameJson(before[key], after[key])) continue;
    operations.push({ op: 'add', path: `${path}/${pointerSegment(key)}`, value: after[key] });
  }
  return operations;
}
