import { type FieldError, fieldError } from './field-error.ts';
import { codePoints } from './go-text.ts';
import { type JsonValue, jsonEqual } from './json.ts';
import type { SchemaNode, ValueLimits } from './structural.ts';

/** The name of a value's type as the API server infers it. */
export function jsonType(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const expectedTypes = (node: SchemaNode) =>
  node.intOrString ? ['integer', 'string'] : node.type === undefined ? [] : [node.type];

/** The name of a number's Go format, which takes the place of its type where the schema names a format. */
function goFormat(value: JsonValue): string {
  if (typeof value !== 'number') return '';
  return Number.isInteger(value) ? 'int64' : 'float64';
}

/** How a message names its place: the validator of the status endpoint begins at status, and no other one looks there. */
export const nameOf = (path: string): string => path.replace(/^status(\.|$)/, '');

/** `FieldValueTypeInvalid` where the value is not of the schema's type; null counts only where nullable. */
export function typeErrors(value: JsonValue, node: SchemaNode, path: string): FieldError[] {
  const expected = expectedTypes(node);
  const actual = jsonType(value);
  if (expected.length === 0 || expected.includes(actual) || (value === null && node.nullable)) return [];
  if (actual === 'integer' && expected.includes('number')) return [];
  const { format } = node.limits;
  const isText = typeof value === 'string' || Array.isArray(value);
  if (format === undefined || value === null)
    return [
      fieldError.typeInvalid(
        path,
        actual,
        `${nameOf(path)} in body must be of type ${expected.join(',')}: "${actual}"`,
      ),
    ];
  if (isText) return [];
  return [
    fieldError.typeInvalid(
      path,
      goFormat(value),
      `${nameOf(path)} in body must be of type ${format}: "${goFormat(value)}"`,
    ),
  ];
}

/** The first of length, pattern that a string fails, then its format. */
export function stringErrors(value: string, limits: ValueLimits, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { minLength, maxLength, pattern } = limits;
  const length = minLength === undefined && maxLength === undefined ? 0 : codePoints(value);
  if (maxLength !== undefined && length > maxLength) errors.push(fieldError.tooLong(path, maxLength));
  else if (minLength !== undefined && length < minLength)
    errors.push(fieldError.invalid(path, value, `${nameOf(path)} in body should be at least ${minLength} chars long`));
  else if (pattern && !pattern.expression.test(value))
    errors.push(fieldError.invalid(path, value, `${nameOf(path)} in body should match '${pattern.source}'`));
  if (limits.formatCheck && !limits.formatCheck(value))
    errors.push(
      fieldError.typeInvalid(
        path,
        value,
        `${nameOf(path)} in body must be of type ${limits.format}: ${JSON.stringify(value)}`,
      ),
    );
  return errors;
}

/** A limit as it is compared with: for a whole number the API server cuts it down to a whole number, too. */
const limitFor = (value: number, limit: number) => (Number.isInteger(value) ? Math.trunc(limit) : limit);

function multipleError(value: number, multipleOf: number, path: string): FieldError[] {
  const factor = limitFor(value, multipleOf);
  if (factor <= 0)
    return [fieldError.invalid(path, factor, `factor MultipleOf declared for ${path} must be positive: ${factor}`)];
  if (Number.isInteger(value / factor)) return [];
  return [fieldError.invalid(path, value, `${nameOf(path)} in body should be a multiple of ${multipleOf}`)];
}

/** `multipleOf`, then minimum, then maximum, as the API server orders them. */
export function numberErrors(value: number, limits: ValueLimits, path: string): FieldError[] {
  const errors: FieldError[] = limits.multipleOf === undefined ? [] : multipleError(value, limits.multipleOf, path);
  const refuse = (what: string) =>
    errors.push(fieldError.invalid(path, value, `${nameOf(path)} in body should be ${what}`));
  const minimum = limits.minimum === undefined ? undefined : limitFor(value, limits.minimum);
  const maximum = limits.maximum === undefined ? undefined : limitFor(value, limits.maximum);
  if (minimum !== undefined && (limits.exclusiveMinimum ? value <= minimum : value < minimum))
    refuse(limits.exclusiveMinimum ? `greater than ${minimum}` : `greater than or equal to ${minimum}`);
  if (maximum !== undefined && (limits.exclusiveMaximum ? value >= maximum : value > maximum))
    refuse(limits.exclusiveMaximum ? `less than ${maximum}` : `less than or equal to ${maximum}`);
  return errors;
}

/** Too few, too many or repeated items of an array. */
export function arraySizeErrors(value: JsonValue[], limits: ValueLimits, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { minItems, maxItems } = limits;
  if (minItems !== undefined && value.length < minItems)
    errors.push(
      fieldError.invalid(path, value.length, `${nameOf(path)} in body should have at least ${minItems} items`),
    );
  if (maxItems !== undefined && value.length > maxItems) errors.push(fieldError.tooMany(path, value.length, maxItems));
  if (limits.uniqueItems && value.some((item, i) => value.slice(0, i).some((earlier) => jsonEqual(item, earlier))))
    errors.push(fieldError.invalid(path, '', `${nameOf(path)} in body shouldn't contain duplicates`));
  return errors;
}

/** `FieldValueNotSupported` where the value is none of the schema's enum. */
export function enumErrors(value: JsonValue, limits: ValueLimits, path: string): FieldError[] {
  const allowed = limits.enum;
  if (!allowed || allowed.length === 0 || allowed.some((candidate) => jsonEqual(candidate, value))) return [];
  return [fieldError.notSupported(path, value, allowed)];
}
