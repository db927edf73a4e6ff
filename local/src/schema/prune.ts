import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import type { SchemaNode } from './structural.ts';

const META = new Set(['apiVersion', 'kind', 'metadata']);

interface Walk {
  unknown: string[];
}

const child = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

/** Members of an object whose schema keeps unknown ones: only those that are specified are walked further. */
function walkPreserved(value: JsonValue, node: SchemaNode, path: string, walk: Walk): void {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) if (node.items) walkPreserved(item, node.items, `${path}[${i}]`, walk);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || (node.embedded && META.has(name))) continue;
    const schema = node.properties.get(name) ?? node.additional;
    if (schema) pruneValue(member, schema, child(path, name), walk);
  }
}

function pruneObject(value: JsonObject, node: SchemaNode, path: string, root: boolean, walk: Walk): void {
  for (const [name, member] of Object.entries(value)) {
    if ((root || node.embedded) && META.has(name)) continue;
    const schema = node.properties.get(name) ?? node.additional;
    if (schema !== undefined && member !== undefined) pruneValue(member, schema, child(path, name), walk);
    else if (!node.additionalAny) {
      walk.unknown.push(child(path, name));
      delete value[name];
    }
  }
}

function pruneValue(value: JsonValue, node: SchemaNode, path: string, walk: Walk): void {
  if (node.preserveUnknown) walkPreserved(value, node, path, walk);
  else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) if (node.items) pruneValue(item, node.items, `${path}[${i}]`, walk);
  } else if (isJsonObject(value)) pruneObject(value, node, path, false, walk);
}

/**
 * Removes the fields that the schema does not specify, in place; `apiVersion`, `kind` and `metadata` stay.
 * @returns the paths of what was removed, sorted, spelt as strict field validation names them.
 */
export function pruneUnknown(value: JsonObject, root: SchemaNode): string[] {
  const walk: Walk = { unknown: [] };
  if (root.preserveUnknown) walkPreserved(value, { ...root, embedded: true }, '', walk);
  else pruneObject(value, root, '', true, walk);
  return walk.unknown.sort();
}
