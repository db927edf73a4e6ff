import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  difference,
  type FieldSet,
  has,
  inOrder,
  intersection,
  isEmpty,
  LEAF,
  paths,
  recursiveDifference,
  singleton,
  union,
} from './field-set.ts';

const setOf = (...fields: string[]): FieldSet => fields.map((field) => singleton(field.split(' '))).reduce(union, LEAF);
const fieldsOf = (set: FieldSet) => [...paths(set)].map((path) => path.join(' '));

const field = fc
  .array(fc.constantFrom('f:a', 'f:b', 'k:{"id":"x"}', 'v:1'), { minLength: 1, maxLength: 3 })
  .map((path) => path.join(' '));
const fields = fc.array(field, { maxLength: 8 });

describe('a set of fields', () => {
  it('is the tree of managedFields: `.` marks a field that holds other fields of the set', () => {
    expect(setOf('f:a f:b')).toEqual({ 'f:a': { 'f:b': {} } });
    expect(setOf('f:a f:b', 'f:a')).toEqual({ 'f:a': { '.': {}, 'f:b': {} } });
    expect(fieldsOf(setOf('f:a f:b', 'f:a'))).toEqual(['f:a', 'f:a f:b']);
  });

  it('joins, meets and is taken from as any set', () => {
    fc.assert(
      fc.property(fields, fields, (some, others) => {
        const [a, b] = [setOf(...some), setOf(...others)];
        const sorted = (list: Iterable<string>) => [...new Set(list)].sort();
        expect(fieldsOf(union(a, b)).sort()).toEqual(sorted([...some, ...others]));
        expect(fieldsOf(intersection(a, b)).sort()).toEqual(sorted(some.filter((item) => others.includes(item))));
        expect(fieldsOf(difference(a, b)).sort()).toEqual(sorted(some.filter((item) => !others.includes(item))));
        for (const item of some) expect(has(a, item.split(' '))).toBe(true);
      }),
    );
  });

  it('loses with a field all that is below it where that is asked for', () => {
    const isBelow = (item: string, other: string) => item === other || item.startsWith(`${other} `);
    fc.assert(
      fc.property(fields, fields, (some, others) => {
        const left = fieldsOf(recursiveDifference(setOf(...some), setOf(...others)));
        const expected = some.filter((item) => !others.some((other) => isBelow(item, other)));
        expect(left.sort()).toEqual([...new Set(expected)].sort());
      }),
    );
  });

  it('is never changed, and shared where nothing changes', () => {
    const set = setOf('f:a f:b', 'f:c');
    const before = JSON.stringify(set);
    expect(union(set, setOf('f:c'))).toBe(set);
    expect(difference(set, setOf('f:d', 'f:a'))).toBe(set);
    expect(isEmpty(difference(set, set))).toBe(true);
    union(set, setOf('f:a f:d'));
    recursiveDifference(set, setOf('f:a'));
    expect(JSON.stringify(set)).toBe(before);
  });

  it('is written in the order of its elements', () => {
    expect(JSON.stringify(inOrder({ 'v:1': {}, 'f:b': { 'f:x': {}, '.': {} }, 'f:a': {} }))).toBe(
      '{"f:a":{},"f:b":{".":{},"f:x":{}},"v:1":{}}',
    );
    const keys = [
      'k:{"port":443}',
      'k:{"port":80,"protocol":"UDP"}',
      'k:{"port":80}',
      'v:"a"',
      'v:10',
      'v:9',
      'v:true',
    ];
    expect(fieldsOf(setOf(...keys))).toEqual([
      'k:{"port":80}',
      'k:{"port":80,"protocol":"UDP"}',
      'k:{"port":443}',
      'v:9',
      'v:10',
      'v:"a"',
      'v:true',
    ]);
  });
});
