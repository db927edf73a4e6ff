import { type CostCheck, compileRules } from './cel/compile.ts';
import { normalizeFieldPath } from './cel/field-path.ts';
import { defaultErrors } from './crd-defaults.ts';
import { dnsLabelDetail, identityErrors, nameErrors } from './crd-names.ts';
import { structureErrors } from './crd-structure.ts';
import { type FieldError, fieldError } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from './json.ts';
import { readNode } from './structural.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

const objectsAt = (value: JsonValue | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
const textAt = (object: JsonObject, key: string) => (typeof object[key] === 'string' ? object[key] : '');

/** The errors of one version's `openAPIV3Schema` but for those of its rules. */
export function shapeErrors(schema: JsonObject, path: string): FieldError[] {
  const structure = structureErrors(schema, path);
  return structure.length > 0 ? structure : defaultErrors(readNode(schema), path);
}

/** The errors of one version's `openAPIV3Schema`; rules are compiled only where the schema is otherwise sound. */
function schemaErrors(schema: JsonObject, path: string, costs: CostCheck): FieldError[] {
  const shape = shapeErrors(schema, path);
  return shape.length > 0 ? shape : compileRules(readNode(schema), path, costs).errors;
}

function columnErrors(version: JsonObject, path: string): FieldError[] {
  return objectsAt(version['additionalPrinterColumns']).flatMap((column, i) => {
    const at = `${path}.additionalPrinterColumns[${i}]`;
    const type = textAt(column, 'type');
    const errors: FieldError[] = [];
    if (textAt(column, 'name') === '') errors.push(fieldError.required(`${at}.name`));
    if (type === '') errors.push(fieldError.required(`${at}.type`, `must be one of ${COLUMN_TYPES.join(',')}`));
    else if (!COLUMN_TYPES.includes(type))
      errors.push(fieldError.invalid(`${at}.type`, type, `must be one of ${COLUMN_TYPES.join(',')}`));
    if (textAt(column, 'jsonPath') === '') errors.push(fieldError.required(`${at}.JSONPath`));
    return errors;
  });
}

function selectableErrors(version: JsonObject, schema: JsonObject, path: string): FieldError[] {
  const selectable = objectsAt(version['selectableFields']);
  if (selectable.length === 0) return [];
  const root = readNode(schema);
  return selectable.flatMap((entry, i) => {
    const at = `${path}.selectableFields[${i}].jsonPath`;
    const jsonPath = textAt(entry, 'jsonPath');
    if (jsonPath === '') return [fieldError.required(at)];
    if (normalizeFieldPath(jsonPath, root) === undefined)
      return [fieldError.invalid(at, jsonPath, 'is an invalid path: does not refer to a valid field')];
    if (/^\.metadata\b/.test(jsonPath))
      return [fieldError.invalid(at, jsonPath, 'must not point to fields in metadata')];
    return [];
  });
}

function versionErrors(version: JsonObject, index: number, count: number, old: JsonObject[]): FieldError[] {
  const path = `spec.versions[${index}]`;
  // What all versions share is lifted to `spec` before the API server looks at it.
  const lifted = count === 1 ? 'spec' : path;
  const name = textAt(version, 'name');
  const detail = dnsLabelDetail(name);
  // The first version's name is looked at twice: it is also the deprecated `spec.version`.
  const named = index === 0 ? [`${path}.name`, 'spec.version'] : [`${path}.name`];
  const errors = detail === '' ? [] : named.map((field) => fieldError.invalid(field, name, detail));
  const holder = isJsonObject(version['schema']) ? version['schema'] : {};
  const schema = holder['openAPIV3Schema'];
  if (!isJsonObject(schema)) return [...errors, fieldError.required(`${path}.schema.openAPIV3Schema`)];
  const columns = columnErrors(version, lifted);
  const isKnown = old.some((before) => before['name'] === name && jsonEqual(before['schema'], version['schema']));
  const own = schemaErrors(schema, schemaPathOf(index, count), isKnown ? 'limited in total' : 'limited');
  return [...errors, ...own, ...columns, ...(own.length > 0 ? [] : selectableErrors(version, schema, lifted))];
}

/** Where errors name the schema of a version: the only one is lifted to `spec.validation` before the API server looks at it. */
export function schemaPathOf(versionIndex: number, versionCount: number): string {
  return versionCount === 1
    ? 'spec.validation.openAPIV3Schema'
    : `spec.versions[${versionIndex}].schema.openAPIV3Schema`;
}

/** Versions as the API server prints them in an error: Go structs without JSON names, the shared parts lifted out. */
function printedVersions(versions: JsonObject[]): string {
  const structs = versions.map((version) => ({
    Name: textAt(version, 'name'),
    Served: version['served'] === true,
    Storage: version['storage'] === true,
    Deprecated: version['deprecated'] === true,
    DeprecationWarning: version['deprecationWarning'] ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  }));
  return JSON.stringify(structs);
}

function versionSetErrors(versions: JsonObject[]): FieldError[] {
  const refuse = (detail: string): FieldError => ({
    type: 'FieldValueInvalid',
    field: 'spec.versions',
    message: `Invalid value: ${printedVersions(versions)}: ${detail}`,
  });
  const errors: FieldError[] = [];
  if (new Set(versions.map((version) => version['name'])).size < versions.length)
    errors.push(refuse('must contain unique version names'));
  const stored = versions.filter((version) => version['storage'] === true).map((version) => version['name'] ?? '');
  if (stored.length !== 1) errors.push(refuse('must have exactly one version marked as storage version'));
  const kept = 'status.storedVersions';
  if (stored.length === 0) errors.push(fieldError.invalid(kept, null, 'must have at least one stored version'));
  for (const name of stored.slice(1))
    errors.push(fieldError.invalid(kept, stored.slice(0, 1), `must have the storage version ${name}`));
  return errors;
}

const versionsOf = (crd: JsonObject | undefined) =>
  objectsAt(isJsonObject(crd?.['spec']) ? crd['spec']['versions'] : undefined);

/**
 * All that kube-apiserver would refuse in a CustomResourceDefinition (v1), as far as this engine serves it.
 * @param old the CRD before an update: a rule of a schema that stays as it was is not held to its own limit of cost
 */
export function validateCrd(crd: JsonObject, old?: JsonObject): FieldError[] {
  const spec = isJsonObject(crd['spec']) ? crd['spec'] : {};
  const versions = versionsOf(crd);
  const before = versionsOf(old);
  return [
    ...identityErrors(crd, spec),
    ...versions.flatMap((version, i) => versionErrors(version, i, versions.length, before)),
    ...versionSetErrors(versions),
    ...nameErrors(isJsonObject(spec['names']) ? spec['names'] : {}),
  ];
}
