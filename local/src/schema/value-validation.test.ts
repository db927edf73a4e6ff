import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from './json.ts';
import { readNode } from './structural.ts';
import { valueErrors } from './value-validation.ts';

/** Every message here was read from kube-apiserver 1.34.4. */
const lines = (schema: JsonObject, value: JsonValue, old?: JsonValue) =>
  valueErrors({ spec: { x: value } }, old === undefined ? undefined : { spec: { x: old } }, root(schema), '').map(
    (error) => `${error.field} ${error.type.replace('FieldValue', '')} ${error.message}`,
  );
const root = (schema: JsonObject) =>
  readNode({ type: 'object', properties: { spec: { type: 'object', properties: { x: schema } } } });

const TABLE: [string, JsonObject, JsonValue, string[]][] = [
  ['a missing required field', { type: 'object', required: ['k'] }, {}, ['spec.x.k Required Required value']],
  [
    'a string that is too short',
    { type: 'string', minLength: 2 },
    'a',
    ['spec.x Invalid Invalid value: "a": spec.x in body should be at least 2 chars long'],
  ],
  [
    'a string that is too long',
    { type: 'string', maxLength: 1 },
    '漢字',
    ['spec.x TooLong Too long: may not be more than 1 byte'],
  ],
  [
    'a string off its pattern',
    { type: 'string', pattern: '^[a-z]+$' },
    'AB',
    ['spec.x Invalid Invalid value: "AB": spec.x in body should match \'^[a-z]+$\''],
  ],
  [
    'a wrong type',
    { type: 'string' },
    1,
    ['spec.x TypeInvalid Invalid value: "integer": spec.x in body must be of type string: "integer"'],
  ],
  [
    'a fraction for an integer',
    { type: 'integer' },
    1.5,
    ['spec.x TypeInvalid Invalid value: "number": spec.x in body must be of type integer: "number"'],
  ],
  [
    'null where it may not be',
    { type: 'string' },
    null,
    ['spec.x TypeInvalid Invalid value: "null": spec.x in body must be of type string: "null"'],
  ],
  [
    'a number below its minimum',
    { type: 'integer', minimum: 1 },
    0,
    ['spec.x Invalid Invalid value: 0: spec.x in body should be greater than or equal to 1'],
  ],
  [
    'a number at its exclusive maximum',
    { type: 'number', maximum: 2.5, exclusiveMaximum: true },
    2.5,
    ['spec.x Invalid Invalid value: 2.5: spec.x in body should be less than 2.5'],
  ],
  [
    'a number off its step',
    { type: 'number', multipleOf: 0.5 },
    0.3,
    ['spec.x Invalid Invalid value: 0.3: spec.x in body should be a multiple of 0.5'],
  ],
  [
    'a value off its enum',
    { type: 'string', enum: ['A', '<b>'] },
    'C',
    ['spec.x NotSupported Unsupported value: "C": supported values: "A", "<b>"'],
  ],
  [
    'an integer off its enum',
    { type: 'integer', enum: [1, 2] },
    3,
    ['spec.x NotSupported Unsupported value: 3: supported values: "1", "2"'],
  ],
  [
    'a list that is too short',
    { type: 'array', minItems: 1, items: { type: 'string' } },
    [],
    ['spec.x Invalid Invalid value: 0: spec.x in body should have at least 1 items'],
  ],
  [
    'a list that is too long',
    { type: 'array', maxItems: 1, items: { type: 'string' } },
    ['a', 'b'],
    ['spec.x TooMany Too many: 2: must have at most 1 item'],
  ],
  [
    'items of a list',
    { type: 'array', items: { type: 'string' } },
    ['a', 5],
    ['spec.x[1] TypeInvalid Invalid value: "integer": spec.x[1] in body must be of type string: "integer"'],
  ],
  [
    'a map with too many members',
    { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
    { a: '', b: '' },
    ['spec.x TooMany Too many: 2: must have at most 1 item'],
  ],
  [
    'a date-time that is none',
    { type: 'string', format: 'date-time' },
    'yesterday',
    ['spec.x TypeInvalid Invalid value: "yesterday": spec.x in body must be of type date-time: "yesterday"'],
  ],
  [
    'a number for a date-time',
    { type: 'string', format: 'date-time' },
    5,
    ['spec.x TypeInvalid Invalid value: "int64": spec.x in body must be of type date-time: "int64"'],
  ],
  [
    'neither int nor string',
    { 'x-kubernetes-int-or-string': true },
    true,
    ['spec.x TypeInvalid Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"'],
  ],
];

describe('schema validation', () => {
  it.each(TABLE)('refuses %s as kube-apiserver does', (_what, schema, value, expected) => {
    expect(lines(schema, value)).toEqual(expected);
  });

  it.each<[string, JsonObject, JsonValue]>([
    ['a string at its bounds, counted in code points', { type: 'string', minLength: 2, maxLength: 2 }, '😀😀'],
    ['an integer for a number', { type: 'number' }, 3],
    ['null where nullable', { type: 'string', nullable: true }, null],
    ['an int32 that is none: the API server does not check it', { type: 'integer', format: 'int32' }, 3_000_000_000],
    ['a date-time', { type: 'string', format: 'date-time' }, '2026-01-02T03:04:05Z'],
    ['both of int-or-string', { type: 'array', items: { 'x-kubernetes-int-or-string': true } }, [1, '5%']],
  ])('accepts %s', (_what, schema, value) => {
    expect(lines(schema, value)).toEqual([]);
  });

  it('checks anyOf, oneOf, allOf and not', () => {
    const has = (name: string): JsonObject => ({ required: [name] });
    const object = (more: JsonObject): JsonObject => ({
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      ...more,
    });
    expect(lines(object({ anyOf: [has('a'), has('b')] }), {})[0]).toBe(
      '<nil> Invalid Invalid value: "": "spec.x" must validate at least one schema (anyOf)',
    );
    expect(lines(object({ oneOf: [has('a'), has('b')] }), { a: '', b: '' })).toEqual([
      '<nil> Invalid Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ]);
    expect(lines(object({ not: has('a') }), { a: '' })).toEqual([
      '<nil> Invalid Invalid value: "": "spec.x" must not validate the schema (not)',
    ]);
    expect(lines(object({ allOf: [has('a')], anyOf: [has('a')], oneOf: [has('a'), has('b')] }), { a: '' })).toEqual([]);
  });

  it('forgives on update what the update did not touch', () => {
    const schema: JsonObject = { type: 'string', maxLength: 1 };
    expect(lines(schema, 'long', 'long')).toEqual([]);
    expect(lines(schema, 'longer', 'long')).toHaveLength(1);
  });
});
