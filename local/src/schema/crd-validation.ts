import { compileRules, type RuleMistake } from './cel/compile.ts';
import { normalizeFieldPath } from './cel/field-path.ts';
import { defaultErrors } from './crd-defaults.ts';
import { dnsLabelDetail, identityErrors, nameErrors } from './crd-names.ts';
import { structureErrors } from './crd-structure.ts';
import { type FieldError, fieldError } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { readNode } from './structural.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

const objectsAt = (value: JsonValue | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
const textAt = (object: JsonObject, key: string) => (typeof object[key] === 'string' ? object[key] : '');

/** A rule as the API server prints it in an error: a Go struct without JSON names. */
function printedRule({ rule }: RuleMistake): string {
  return JSON.stringify({
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: null,
  });
}

function mistakeError(mistake: RuleMistake): FieldError {
  const field = `${mistake.path}.x-kubernetes-validations[${mistake.index}].${mistake.member}`;
  if (mistake.member === 'fieldPath') return fieldError.invalid(field, mistake.rule.fieldPath, mistake.detail);
  if (mistake.detail.startsWith('oldSelf cannot')) return fieldError.invalid(field, mistake.rule.rule, mistake.detail);
  return { type: 'FieldValueInvalid', field, message: `Invalid value: ${printedRule(mistake)}: ${mistake.detail}` };
}

/** The errors of one version's `openAPIV3Schema`; rules are compiled only where the schema is otherwise sound. */
export function schemaErrors(schema: JsonObject, path: string): FieldError[] {
  const structure = structureErrors(schema, path);
  if (structure.length > 0) return structure;
  const node = readNode(schema);
  const defaults = defaultErrors(node, path);
  return defaults.length > 0 ? defaults : compileRules(node, path).mistakes.map(mistakeError);
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

function versionErrors(version: JsonObject, path: string, schemaPath: string): FieldError[] {
  const name = textAt(version, 'name');
  const detail = dnsLabelDetail(name);
  const errors = detail === '' ? [] : [fieldError.invalid(`${path}.name`, name, detail)];
  const holder = isJsonObject(version['schema']) ? version['schema'] : {};
  const schema = holder['openAPIV3Schema'];
  if (!isJsonObject(schema))
    return [...errors, fieldError.required(`${path}.schema.openAPIV3Schema`, 'schemas are required')];
  const columns = columnErrors(version, path);
  const own = schemaErrors(schema, schemaPath);
  return [...errors, ...own, ...columns, ...(own.length > 0 ? [] : selectableErrors(version, schema, path))];
}

/** Where errors name the schema of a version: the only one is lifted to `spec.validation` before the API server looks at it. */
export function schemaPathOf(versionIndex: number, versionCount: number): string {
  return versionCount === 1
    ? 'spec.validation.openAPIV3Schema'
    : `spec.versions[${versionIndex}].schema.openAPIV3Schema`;
}

/** All that kube-apiserver would refuse in a CustomResourceDefinition (v1), as far as this engine serves it. */
export function validateCrd(crd: JsonObject): FieldError[] {
  const spec = isJsonObject(crd['spec']) ? crd['spec'] : {};
  const versions = objectsAt(spec['versions']);
  const errors = identityErrors(crd, spec);
  for (const [i, version] of versions.entries())
    errors.push(...versionErrors(version, `spec.versions[${i}]`, schemaPathOf(i, versions.length)));
  const names = new Set(versions.map((version) => version['name']));
  if (names.size < versions.length)
    errors.push(fieldError.invalid('spec.versions', versions, 'must contain unique version names'));
  if (versions.filter((version) => version['storage'] === true).length !== 1)
    errors.push(
      fieldError.invalid('spec.versions', versions, 'must have exactly one version marked as storage version'),
    );
  return [...errors, ...nameErrors(isJsonObject(spec['names']) ? spec['names'] : {})];
}
