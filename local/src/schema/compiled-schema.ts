import { compileRules, type RuleNode } from './cel/compile.ts';
import { ruleErrors } from './cel/evaluate.ts';
import { schemaPathOf, shapeErrors } from './crd-validation.ts';
import { applyStructuralDefaults, fillStructuralDefaults } from './defaulting.ts';
import { type FieldError, type FieldErrorType, fieldError, NO_FIELD } from './field-error.ts';
import { isJsonObject, type JsonObject, jsonEqual } from './json.ts';
import { listErrors } from './list-invariants.ts';
import { pruneUnknown } from './prune.ts';
import { readNode, type SchemaNode } from './structural.ts';
import { valueErrors } from './value-validation.ts';

/** A CRD that cannot be served, with the errors that the API server would answer. */
export class CrdInvalidError extends Error {
  readonly errors: readonly FieldError[];
  constructor(errors: readonly FieldError[]) {
    super(errors.map((error) => `${error.field}: ${error.message}`).join(', '));
    this.name = 'CrdInvalidError';
    this.errors = errors;
  }
}

/** The schema of one version of a custom resource. Objects are changed in place; none is kept. */
export interface CompiledSchema {
  /** Removes unknown fields; returns their paths as strict field validation names them. */
  prune(obj: JsonObject): string[];
  /** Structural defaulting: absent fields, and nulls that may not be. */
  applyDefaults(obj: JsonObject): void;
  /** The same, but nulls without a default stay. */
  fillDefaults(obj: JsonObject): void;
  /**
   * The schema's errors, then those of its rules; `old` is the object before an update. `others` are errors found elsewhere (in metadata):
   * they keep rules from being run as the schema's own do, and are not returned.
   */
  validate(obj: JsonObject, old: JsonObject | undefined, others?: readonly FieldError[]): FieldError[];
}

/** With one of these, rules are not run: they could read what is not there. */
const BLOCKING: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

interface Checks {
  root: SchemaNode;
  rules: RuleNode | undefined;
}

function validateWith(
  { root, rules }: Checks,
  obj: JsonObject,
  old: JsonObject | undefined,
  others: readonly FieldError[],
): FieldError[] {
  const errors = valueErrors(obj, old, root, '');
  // A list that was already at odds with its type stays writable.
  if (old === undefined || listErrors(old, root).length === 0) errors.push(...listErrors(obj, root));
  if (!rules) return errors;
  if ([...errors, ...others].some((error) => BLOCKING.has(error.type)))
    return [...errors, fieldError.invalid(NO_FIELD, null, NOT_CHECKED)];
  const unchanged = () => old !== undefined && jsonEqual(obj, old);
  return [...errors, ...ruleErrors(obj, rules, { path: '', old, unchanged })];
}

function findSchema(crd: JsonObject, versionName: string): { schema: JsonObject; path: string } | undefined {
  const spec = isJsonObject(crd['spec']) ? crd['spec'] : {};
  const versions = Array.isArray(spec['versions']) ? spec['versions'] : [];
  const index = versions.findIndex((version) => isJsonObject(version) && version['name'] === versionName);
  const version = versions[index];
  const holder = isJsonObject(version) && isJsonObject(version['schema']) ? version['schema'] : {};
  const schema = holder['openAPIV3Schema'];
  return isJsonObject(schema) ? { schema, path: schemaPathOf(index, versions.length) } : undefined;
}

/**
 * Reads the schema of a version of a CRD and compiles its rules, each once.
 * @throws CrdInvalidError where the version has no schema, or one that the API server would refuse.
 */
export function compileSchema(crd: JsonObject, versionName: string): CompiledSchema {
  const found = findSchema(crd, versionName);
  if (!found) throw new CrdInvalidError([fieldError.required('spec.versions', `no schema for version ${versionName}`)]);
  const shape = shapeErrors(found.schema, found.path);
  if (shape.length > 0) throw new CrdInvalidError(shape);
  const root = readNode(found.schema);
  // What its rules may cost was looked at when the CRD came; one that was accepted stays so.
  const { rules, errors } = compileRules(root, found.path, 'ignored');
  if (errors.length > 0) throw new CrdInvalidError(errors);
  return {
    prune: (obj) => pruneUnknown(obj, root),
    applyDefaults: (obj) => applyStructuralDefaults(obj, root),
    fillDefaults: (obj) => fillStructuralDefaults(obj, root),
    validate: (obj, old, others = []) => validateWith({ root, rules }, obj, old, others),
  };
}
