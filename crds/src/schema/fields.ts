import { z } from 'zod';

/**
 * Field builders. Each one carries its bound twice from one argument: as a zod check, and as the OpenAPI keyword of the CRD. Lengths are
 * code points, as in CRD `maxLength` and CEL `size`; zod's own `.max` counts UTF-16 units, so it is never used for text.
 */

/** The keyword under which a schema node carries its CEL rules in a CRD. */
export const VALIDATIONS = 'x-kubernetes-validations';

/** Marks a spec field that may change after creation; the generator turns the unmarked rest into one immutability rule. */
export const MUTABLE = 'x-carnival-mutable';

/** One CEL rule, on one line (a rule with a line break needs a static message). */
export interface CelRule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  fieldPath?: string;
}

/** Length of a text in code points. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

interface TextOptions {
  min?: number;
  max: number;
  /** An ASCII-only pattern also makes the field's largest size one byte per character for the API linter. */
  pattern?: RegExp;
  rules?: CelRule[];
}

/** A string of `min` to `max` code points. */
export function text(description: string, { min = 0, max, pattern, rules }: TextOptions) {
  const checked = z
    .string()
    .refine((value) => codePoints(value) >= min, { message: `must have at least ${min} characters` })
    .refine((value) => codePoints(value) <= max, { message: `must have at most ${max} characters` })
    .refine((value) => !pattern || pattern.test(value), { message: `must match ${pattern?.source}` });
  return checked.meta({
    description,
    ...(min > 0 ? { minLength: min } : {}),
    maxLength: max,
    ...(pattern ? { pattern: pattern.source } : {}),
    ...(rules ? { [VALIDATIONS]: rules } : {}),
  });
}

/** A lower-case RFC 1123 name that refers to another object in the same namespace. */
export const objectName = (description: string) =>
  text(description, { min: 1, max: 63, pattern: /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/ });

/** A machine-readable word in CamelCase: a condition type or a reason. */
export const word = (description: string) =>
  text(description, { min: 1, max: 64, pattern: /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/ });

/** An integer within bounds. CRDs have no floats: money and scores are decimal strings. */
export const integer = (description: string, min: number, max: number) =>
  z
    .number()
    .int()
    .min(min)
    .max(max)
    .meta({ description, format: max > 2_147_483_647 ? 'int64' : 'int32' });

/** Money, in US dollars, as a decimal string with up to six decimals. */
export const money = (description: string) => text(description, { min: 1, max: 20, pattern: /^\d+(\.\d{1,6})?$/ });

/** A SHA-256 over bytes, as `sha256:` and 64 hexadecimal digits. */
export const digest = (description: string) =>
  text(description, { min: 71, max: 71, pattern: /^sha256:[0-9a-f]{64}$/ });

/** A moment, RFC 3339 in UTC. */
export const time = (description: string) =>
  z
    .string()
    .refine((value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value), {
      message: 'must be an RFC 3339 time',
    })
    .meta({ description, format: 'date-time' });

/** One of the given words. Enums stand in for booleans: a third value can be added without breaking anybody. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(description: string, words: Words) =>
  z.enum(words).meta({ description });

interface ListOptions {
  max: number;
  min?: number;
  /** `atomic` is replaced whole, `set` has distinct scalars, `map` is merged by `keys`. */
  type?: 'atomic' | 'set' | 'map';
  keys?: string[];
}

/** A bounded list, with the list type that server-side apply needs. */
export function list<Item extends z.ZodType>(
  description: string,
  item: Item,
  { max, min, type = 'atomic', keys }: ListOptions,
) {
  const bounded = min === undefined ? z.array(item).max(max) : z.array(item).min(min).max(max);
  return bounded.meta({
    description,
    'x-kubernetes-list-type': type,
    ...(keys ? { 'x-kubernetes-list-map-keys': keys } : {}),
  });
}
