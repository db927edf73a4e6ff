import { type FieldError, fieldError } from './field-error.ts';
import { goJson } from './go-text.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import type { SchemaNode } from './structural.ts';

/** Indices of the first repetition of each value that occurs more than once. */
function repeated(values: readonly JsonValue[]): number[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, i) => {
    const key = goJson(value);
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return times === 1 ? [i] : [];
  });
}

function keyOf(item: JsonValue, keys: readonly string[]): JsonObject {
  const key: JsonObject = {};
  if (isJsonObject(item)) for (const name of keys) if (item[name] !== undefined) key[name] = item[name];
  return key;
}

function arrayErrors(value: JsonValue[], node: SchemaNode, path: string): FieldError[] {
  if (node.listType === 'set') return repeated(value).map((i) => fieldError.duplicate(`${path}[${i}]`, value[i]));
  if (node.listType !== 'map') return [];
  const stray = value.findIndex((item) => item !== null && !isJsonObject(item));
  if (stray >= 0)
    return [fieldError.invalid(`${path}[${stray}]`, value[stray], 'must be an object for an array of list-type map')];
  const keys = value.map((item) => keyOf(item, node.mapKeys));
  return repeated(keys).map((i) => fieldError.duplicate(`${path}[${i}]`, keys[i]));
}

/** Checks that sets have no repeated item and list-maps no repeated key, at any depth. */
export function listErrors(value: JsonValue | undefined, node: SchemaNode, path = ''): FieldError[] {
  if (Array.isArray(value)) {
    const { items } = node;
    const inner = items === undefined ? [] : value.flatMap((item, i) => listErrors(item, items, `${path}[${i}]`));
    return [...arrayErrors(value, node, path), ...inner];
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const named = node.properties.get(name);
    if (named) return listErrors(member, named, path === '' ? name : `${path}.${name}`);
    return node.additional ? listErrors(member, node.additional, `${path}[${name}]`) : [];
  });
}
