import { isJsonObject, type JsonValue, jsonEqual } from './json.ts';
import type { SchemaNode } from './structural.ts';

/** The member of the old object that an update's member is compared with; undefined where there is none. */
export function oldMember(old: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(old) ? old[name] : undefined;
}

/** The item of the old list with the same keys: only lists of type map relate their items across an update. */
export function oldItem(old: JsonValue | undefined, item: JsonValue, node: SchemaNode): JsonValue | undefined {
  if (node.listType !== 'map' || !Array.isArray(old) || !isJsonObject(item)) return undefined;
  return old.find(
    (candidate) => isJsonObject(candidate) && node.mapKeys.every((key) => jsonEqual(candidate[key], item[key])),
  );
}
