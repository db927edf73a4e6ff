import { applyStructuralDefaults } from './defaulting.ts';
import { type FieldError, fieldError, NO_FIELD } from './field-error.ts';
import { isJsonObject, type JsonValue, jsonEqual } from './json.ts';
import { pruneUnknown } from './prune.ts';
import type { SchemaNode } from './structural.ts';
import { valueErrors } from './value-validation.ts';

function ownDefaultErrors(value: JsonValue, node: SchemaNode, path: string): FieldError[] {
  const filled = structuredClone(value);
  if (isJsonObject(filled)) {
    pruneUnknown(filled, node);
    if (!jsonEqual(filled, value)) return [fieldError.invalid(path, value, 'must not have unknown fields')];
    applyStructuralDefaults(filled, node);
  }
  return valueErrors(filled, undefined, node, '').map((error) => ({
    ...error,
    field: error.field === '' || error.field === NO_FIELD ? path : `${path}.${error.field}`,
  }));
}

/** Checks that each default of a schema is a value that the schema accepts. */
export function defaultErrors(node: SchemaNode, path: string): FieldError[] {
  const errors = node.default === undefined ? [] : ownDefaultErrors(node.default, node, `${path}.default`);
  for (const [name, child] of node.properties) errors.push(...defaultErrors(child, `${path}.properties[${name}]`));
  if (node.additional) errors.push(...defaultErrors(node.additional, `${path}.additionalProperties`));
  if (node.items) errors.push(...defaultErrors(node.items, `${path}.items`));
  return errors;
}
