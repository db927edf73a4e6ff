import { oldItem, oldMember } from './correlation.ts';
import { type FieldError, fieldError, NO_FIELD } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from './json.ts';
import { arraySizeErrors, enumErrors, nameOf, numberErrors, stringErrors, typeErrors } from './scalar-validation.ts';
import type { SchemaNode } from './structural.ts';

const TYPE_META = new Set(['apiVersion', 'kind']);
const child = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

function memberErrors(value: JsonObject, old: JsonValue | undefined, node: SchemaNode, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, member] of Object.entries(value)) {
    const schema = node.properties.get(name) ?? node.additional;
    if (schema === undefined || member === undefined) continue;
    // apiVersion and kind are never ratcheted: what a client sees of them depends on the version it asks for.
    const before = path === '' && TYPE_META.has(name) ? undefined : oldMember(old, name);
    errors.push(...valueErrors(member, before, schema, child(path, name)));
  }
  return errors;
}

function objectErrors(value: JsonObject, old: JsonValue | undefined, node: SchemaNode, path: string): FieldError[] {
  const { minProperties, maxProperties, required } = node.limits;
  const size = Object.keys(value).length;
  const errors: FieldError[] = [];
  if (minProperties !== undefined && size < minProperties)
    errors.push(
      fieldError.invalid(path, size, `${nameOf(path)} in body should have at least ${minProperties} properties`),
    );
  if (maxProperties !== undefined && size > maxProperties) errors.push(fieldError.tooMany(path, size, maxProperties));
  errors.push(...memberErrors(value, old, node, path));
  for (const name of required) if (value[name] === undefined) errors.push(fieldError.required(child(path, name)));
  return errors;
}

const fewest = (results: FieldError[][]) =>
  results.reduce<FieldError[] | undefined>((best, r) => (!best || r.length < best.length ? r : best), undefined) ?? [];

/** allOf, anyOf, oneOf and not: the errors carry no field, as in the API server. */
function compositionErrors(value: JsonValue, node: SchemaNode, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (what: string) => errors.push(fieldError.invalid(NO_FIELD, '', `"${path}" must ${what}`));
  const check = (schemas: readonly SchemaNode[]) =>
    schemas.map((schema) => valueErrors(value, undefined, schema, path));
  const any = check(node.anyOf);
  if (any.length > 0 && !any.some((r) => r.length === 0)) {
    refuse('validate at least one schema (anyOf)');
    errors.push(...fewest(any));
  }
  const one = check(node.oneOf);
  const valid = one.filter((r) => r.length === 0).length;
  if (one.length > 0 && valid !== 1) {
    refuse(
      `validate one and only one schema (oneOf). ${valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`}`,
    );
    if (valid === 0) errors.push(...fewest(one));
  }
  const all = check(node.allOf);
  const failed = all.filter((r) => r.length > 0);
  errors.push(...failed.flat());
  if (failed.length > 0)
    refuse(`validate all the schemas (allOf)${failed.length === all.length ? '. None validated' : ''}`);
  if (node.not && valueErrors(value, undefined, node.not, path).length === 0) refuse('not validate the schema (not)');
  return errors;
}

function contentErrors(value: JsonValue, old: JsonValue | undefined, node: SchemaNode, path: string): FieldError[] {
  if (typeof value === 'string') return stringErrors(value, node.limits, path);
  if (typeof value === 'number') return numberErrors(value, node.limits, path);
  if (Array.isArray(value)) {
    const { items } = node;
    const inner = items
      ? value.flatMap((item, i) => valueErrors(item, oldItem(old, item, node), items, `${path}[${i}]`))
      : [];
    return [...inner, ...arraySizeErrors(value, node.limits, path)];
  }
  return [];
}

/**
 * The schema errors of a value. With `old`, an error in a part that the update left as it was is forgiven (ratcheting).
 */
export function valueErrors(
  value: JsonValue,
  old: JsonValue | undefined,
  node: SchemaNode,
  path: string,
): FieldError[] {
  const errors = typeErrors(value, node, path);
  if (value !== null) {
    errors.push(...compositionErrors(value, node, path), ...contentErrors(value, old, node, path));
  }
  errors.push(...enumErrors(value, node.limits, path));
  if (isJsonObject(value)) errors.push(...objectErrors(value, old, node, path));
  return errors.length > 0 && old !== undefined && jsonEqual(value, old) ? [] : errors;
}
