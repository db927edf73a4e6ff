import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import type { SchemaNode } from './structural.ts';

const isRefusedNull = (value: JsonValue | undefined, node: SchemaNode | undefined) =>
  value === null && node !== undefined && !node.nullable;

/** A null that may not be and has no default counts as absent, as kubectl's `key: null` is meant. */
function dropNulls(value: JsonValue | undefined, node: SchemaNode | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item, node?.items);
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const schema = node?.properties.get(name) ?? node?.additional;
      if (isRefusedNull(member, schema) && schema?.default === undefined) delete value[name];
      else dropNulls(member, schema);
    }
  }
}

/** A copy of a default; `structuredClone` takes many times as long. */
function copyOf(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member ?? null)]));
}

function fillObject(value: JsonObject, node: SchemaNode): void {
  for (const [name, schema] of node.properties) {
    if (schema.default === undefined || schema.default === null) continue;
    if (value[name] === undefined || isRefusedNull(value[name], schema)) value[name] = copyOf(schema.default);
  }
  for (const name of Object.keys(value)) {
    const schema = node.properties.get(name) ?? node.additional;
    if (schema !== undefined) fill(value[name], schema);
  }
}

function fill(value: JsonValue | undefined, node: SchemaNode | undefined): void {
  if (node === undefined) return;
  if (Array.isArray(value)) {
    const fallback = node.items?.default;
    for (const [i, item] of value.entries()) {
      if (isRefusedNull(item, node.items) && fallback !== undefined) value[i] = copyOf(fallback);
      fill(value[i], node.items);
    }
  } else if (isJsonObject(value)) fillObject(value, node);
}

/**
 * Structural defaulting, in place: absent members and nulls that may not be take their schema's default, top down, so the
 * members of a defaulted object are defaulted too.
 */
export function applyStructuralDefaults(value: JsonObject, root: SchemaNode): void {
  dropNulls(value, root);
  fill(value, root);
}

/** As `applyStructuralDefaults`, but a null that may not be and has no default stays: after a server-side apply it is refused, not dropped. */
export function fillStructuralDefaults(value: JsonObject, root: SchemaNode): void {
  fill(value, root);
}
