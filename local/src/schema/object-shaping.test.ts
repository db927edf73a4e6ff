import { describe, expect, it } from 'vitest';
import { applyStructuralDefaults } from './defaulting.ts';
import type { JsonObject } from './json.ts';
import { listErrors } from './list-invariants.ts';
import { pruneUnknown } from './prune.ts';
import { readNode } from './structural.ts';

const spec = (properties: JsonObject) =>
  readNode({ type: 'object', properties: { spec: { type: 'object', properties } } });

describe('pruning', () => {
  it('removes what the schema does not name and says where it was', () => {
    const root = spec({
      kept: { type: 'string' },
      list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
      map: { type: 'object', additionalProperties: { type: 'object', properties: { q: { type: 'integer' } } } },
    });
    const object: JsonObject = {
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'x', labels: {} },
      spec: { kept: 'y', bogus: 1, list: [{ a: '' }, { zz: 1 }], map: { k: { r: 1, q: 2 } } },
      extra: true,
    };
    expect(pruneUnknown(object, root)).toEqual(['extra', 'spec.bogus', 'spec.list[1].zz', 'spec.map.k.r']);
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'x', labels: {} },
      spec: { kept: 'y', list: [{ a: '' }, {}], map: { k: { q: 2 } } },
    });
  });
  it('keeps unknown fields where the schema says so, but prunes inside what it does name', () => {
    const root = spec({
      any: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { named: { type: 'object', properties: {} } },
      },
    });
    const object: JsonObject = { spec: { any: { u: { v: 1 }, named: { w: 1 } } } };
    expect(pruneUnknown(object, root)).toEqual(['spec.any.named.w']);
    expect(object).toEqual({ spec: { any: { u: { v: 1 }, named: {} } } });
  });
});

describe('defaulting', () => {
  const root = spec({
    plain: { type: 'string', default: 'p' },
    inner: { type: 'object', default: {}, properties: { y: { type: 'integer', default: 3 } } },
    absent: { type: 'object', properties: { y: { type: 'integer', default: 3 } } },
    list: { type: 'array', items: { type: 'object', properties: { y: { type: 'integer', default: 3 } } } },
    nullable: { type: 'string', nullable: true, default: 'n' },
    bare: { type: 'string' },
  });
  it('fills absent members, top down, and leaves absent objects without a default alone', () => {
    const object: JsonObject = { spec: { list: [{}, { y: 1 }] } };
    applyStructuralDefaults(object, root);
    expect(object).toEqual({ spec: { plain: 'p', inner: { y: 3 }, list: [{ y: 3 }, { y: 1 }], nullable: 'n' } });
  });
  it('takes a null that may not be as absent, and keeps one that may', () => {
    const object: JsonObject = { spec: { plain: null, bare: null, nullable: null, inner: { y: null } } };
    applyStructuralDefaults(object, root);
    expect(object).toEqual({ spec: { plain: 'p', inner: { y: 3 }, nullable: null } });
  });
  it('never shares a default between objects', () => {
    const [a, b]: JsonObject[] = [{ spec: {} }, { spec: {} }];
    for (const object of [a, b]) if (object) applyStructuralDefaults(object, root);
    (a as { spec: { inner: JsonObject } }).spec.inner['y'] = 9;
    expect(b).toMatchObject({ spec: { inner: { y: 3 } } });
  });
});

describe('lists with a type', () => {
  const root = spec({
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    map: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a', 'p'],
      items: { type: 'object', properties: { a: { type: 'string' }, p: { type: 'integer' } } },
    },
  });
  it('refuses a repeated item of a set once, and a repeated key of a map', () => {
    expect(
      listErrors(
        {
          spec: {
            set: ['a', 'b', 'a', 'a'],
            map: [
              { a: '1', p: 7 },
              { a: '1', p: 8 },
              { p: 7, a: '1' },
            ],
          },
        },
        root,
      ),
    ).toEqual([
      { type: 'FieldValueDuplicate', field: 'spec.set[2]', message: 'Duplicate value: "a"' },
      { type: 'FieldValueDuplicate', field: 'spec.map[2]', message: 'Duplicate value: {"a":"1","p":7}' },
    ]);
  });
});
