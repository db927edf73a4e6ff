import { describe, expect, it } from 'vitest';
import { KINDS } from '../v1alpha1/kinds.ts';
import { type StructuralSchema, toStructuralSchema } from './json-schema.ts';
import { largestBytes, lintApi } from './lint-api.ts';

const field = (member: StructuralSchema): StructuralSchema => ({ type: 'object', properties: { x: member } });
const rulesOf = (member: StructuralSchema) =>
  lintApi({ spec: field(member), status: { type: 'object' } }).map((finding) => finding.rule);

describe('every kind of ours passes the API linter', () => {
  it.each(KINDS.map((kind) => ({ name: kind.kind, kind })))('$name', ({ kind }) => {
    expect(lintApi({ spec: toStructuralSchema(kind.spec), status: toStructuralSchema(kind.status) })).toEqual([]);
  });
});

describe('the API linter refuses', () => {
  const rows: { name: string; member: StructuralSchema; want: string }[] = [
    { name: 'a field without a description', member: { type: 'string', maxLength: 1 }, want: 'described' },
    { name: 'a string without a bound', member: { type: 'string', description: 'x' }, want: 'bounded-string' },
    {
      name: 'a list without a bound',
      member: { type: 'array', description: 'x', items: { type: 'integer' } },
      want: 'bounded-list',
    },
    {
      name: 'a list without a list type',
      member: { type: 'array', description: 'x', maxItems: 1, items: { type: 'integer' } },
      want: 'list-type',
    },
    {
      name: 'a map without a bound',
      member: { type: 'object', description: 'x', additionalProperties: { type: 'integer' } },
      want: 'bounded-map',
    },
    { name: 'a boolean', member: { type: 'boolean', description: 'x' }, want: 'no-bool' },
    { name: 'a float', member: { type: 'number', description: 'x' }, want: 'no-float' },
    { name: 'a union', member: { description: 'x', oneOf: [] }, want: 'no-union' },
    {
      name: 'an object whose members have defaults but which has none',
      member: {
        type: 'object',
        description: 'x',
        properties: { y: { type: 'integer', description: 'y', default: 1 } },
      },
      want: 'default-object',
    },
    {
      name: 'a CEL rule with a line break',
      member: { type: 'integer', description: 'x', 'x-kubernetes-validations': [{ rule: 'a\nb' }] },
      want: 'one-line-rule',
    },
  ];
  it.each(rows)('$name', ({ member, want }) => {
    expect(rulesOf(member)).toContain(want);
  });
  it('a status that may grow above 256 KiB', () => {
    const status = field({
      type: 'array',
      description: 'x',
      'x-kubernetes-list-type': 'atomic',
      maxItems: 1000,
      items: { type: 'string', maxLength: 100 },
    });
    expect(lintApi({ spec: { type: 'object' }, status }).map((finding) => finding.rule)).toEqual(['status-size']);
  });
});

describe('the largest size of a string', () => {
  it('is four bytes per character', () => expect(largestBytes({ type: 'string', maxLength: 10 })).toBe(42));
  it('is one byte per character where the pattern admits ASCII only', () => {
    expect(largestBytes({ type: 'string', maxLength: 10, pattern: '^[a-z.]+$' })).toBe(12);
  });
  it('is four bytes per character where the pattern is open', () => {
    expect(largestBytes({ type: 'string', maxLength: 10, pattern: '^[^/]+$' })).toBe(42);
  });
});
