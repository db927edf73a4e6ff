import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../json/json.ts';
import { fieldsOf } from './applied-fields.ts';
import { problemText, typeProblems } from './check-types.ts';
import { compare } from './compare.ts';
import { difference, isEmpty, paths } from './field-set.ts';
import { mergeConfiguration } from './merge.ts';
import { removeFields } from './remove-fields.ts';
import { SchemaTypes } from './schema-types.ts';

const text = { type: 'string' };
const TYPE = new SchemaTypes({}).customResource(
  {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          name: text,
          words: { type: 'array', items: text },
          tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
          parts: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['id'],
            items: { type: 'object', properties: { id: text, value: text, more: { type: 'object' } } },
          },
          labels: { type: 'object', additionalProperties: text },
          whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: text },
          any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  },
  'ObjectMeta',
);
const a = (spec: JsonObject): JsonObject => ({ spec });
const merged = (live: JsonObject, given: JsonObject) => mergeConfiguration(a(live), a(given), TYPE)['spec'];

const word = fc.constantFrom('a', 'b', 'c', 'd');
const words = fc.uniqueArray(word, { maxLength: 4 });
const labels = fc.dictionary(word, word, { noNullPrototype: true });
const part = fc.record({ id: word, value: word, more: labels }, { requiredKeys: ['id'], noNullPrototype: true });
const spec = fc.record(
  {
    name: word,
    words,
    tags: words,
    parts: fc.uniqueArray(part, { maxLength: 4, selector: ({ id }) => id }),
    labels,
    whole: labels,
    any: fc.dictionary(word, fc.oneof(word, words, labels), { noNullPrototype: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
) as unknown as fc.Arbitrary<JsonObject>;

describe('merging a configuration', () => {
  it('goes member by member, item by item, or takes what is atomic as a whole', () => {
    const live = { name: 'x', words: ['a'], tags: ['a', 'b'], labels: { k: 'v' }, whole: { k: 'v' } };
    const given = { words: ['b'], tags: ['c', 'a'], labels: { l: 'w' }, whole: { l: 'w' } };
    expect(merged(live, given)).toEqual({
      name: 'x',
      words: ['b'],
      tags: ['c', 'a', 'b'],
      labels: { k: 'v', l: 'w' },
      whole: { l: 'w' },
    });
  });

  it('finds items by their keys and puts them in the order of the configuration', () => {
    const live = { parts: [{ id: 'a', value: '1' }, { id: 'b' }, { id: 'c', value: '3' }] };
    expect(merged(live, { parts: [{ id: 'c' }, { id: 'x' }, { id: 'a', value: '2' }] })).toEqual({
      parts: [{ id: 'b' }, { id: 'c', value: '3' }, { id: 'x' }, { id: 'a', value: '2' }],
    });
  });

  it('makes a state in which every field of the configuration is as it says, and nothing else is lost', () => {
    fc.assert(
      fc.property(spec, spec, (live, given) => {
        const result = mergeConfiguration(a(live), a(given), TYPE);
        const { modified, added } = compare(result, mergeConfiguration(result, a(given), TYPE), TYPE);
        expect([isEmpty(modified), isEmpty(added)]).toEqual([true, true]);
        expect([...paths(compare(a(live), result, TYPE).removed)].filter((path) => path.length === 2)).toEqual([]);
      }),
    );
  });
});

describe('comparing', () => {
  it('finds nothing between an object and itself, and mirrors what was added and removed', () => {
    fc.assert(
      fc.property(spec, spec, (one, other) => {
        expect(Object.values(compare(a(one), a(structuredClone(one)), TYPE)).every(isEmpty)).toBe(true);
        const [there, back] = [compare(a(one), a(other), TYPE), compare(a(other), a(one), TYPE)];
        expect(there.added).toEqual(back.removed);
        expect(there.removed).toEqual(back.added);
        expect(there.modified).toEqual(back.modified);
      }),
    );
  });

  it('tells of a value that changed its kind', () => {
    const { modified, removed, added } = compare(a({ any: { a: { b: 'c' } } }), a({ any: { a: 'b' } }), TYPE);
    expect([modified, removed, added]).toEqual([
      { 'f:spec': { 'f:any': { 'f:a': {} } } },
      { 'f:spec': { 'f:any': { 'f:a': { 'f:b': {} } } } },
      {},
    ]);
  });
});

describe('removing fields', () => {
  it('takes away exactly those, and what holds nothing else becomes null', () => {
    const value = a({ name: 'x', labels: { k: 'v' }, parts: [{ id: 'a', value: '1' }, { id: 'b' }], tags: ['a', 'b'] });
    const set = fieldsOf(a({ labels: { k: 'v' }, parts: [{ id: 'b' }], tags: ['a'] }), TYPE);
    expect(removeFields(value, set, TYPE)['spec']).toEqual({
      name: 'x',
      labels: null,
      parts: [{ id: 'a', value: '1' }],
      tags: ['b'],
    });
  });

  it('leaves none of the fields that were named', () => {
    fc.assert(
      fc.property(spec, spec, (live, given) => {
        const all = mergeConfiguration(a(live), a(given), TYPE);
        const named = fieldsOf(a(given), TYPE);
        const left = fieldsOf(removeFields(all, named, TYPE), TYPE);
        const isNull = (path: readonly string[]) => path.length === 2;
        expect([...paths(difference(left, difference(left, named)))].filter((path) => !isNull(path))).toEqual([]);
      }),
    );
  });
});

describe('the types of a configuration', () => {
  it.each<[JsonValue, string]>([
    [{ bogus: 1 }, '.spec.bogus: field not declared in schema'],
    [{ name: 7 }, '.spec.name: expected string, got &value.valueUnstructured{Value:7}'],
    [{ labels: ['x'] }, '.spec.labels: expected map, got &{[x]}'],
    [{ tags: ['x', 'x'] }, '.spec.tags: duplicate entries for key [="x"]'],
    [{ parts: [{ id: 'a' }, { id: 'a' }] }, '.spec.parts: duplicate entries for key [id="a"]'],
    [
      { parts: [{ id: 'a', value: 1 }] },
      '.spec.parts[id="a"].value: expected string, got &value.valueUnstructured{Value:1}',
    ],
    [{ words: ['a', 1] }, '.spec.words[1]: expected string, got &value.valueUnstructured{Value:1}'],
  ])('refuse %j', (given, problem) => {
    expect(problemText(typeProblems(a(given as JsonObject), TYPE))).toBe(problem);
  });

  it('let everything through that is of the type', () => {
    fc.assert(
      fc.property(spec, (given) => {
        expect(typeProblems(a(given), TYPE)).toEqual([]);
      }),
    );
  });
});
