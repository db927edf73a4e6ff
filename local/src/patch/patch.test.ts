import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../json/json.ts';
import { ApiError } from '../status/api-error.ts';
import { applyJsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

const failure = (run: () => unknown): ApiError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error;
  }
  throw new Error('it should have been refused with a Status');
};

describe('a merge patch', () => {
  // Appendix A of RFC 7386.
  it.each<[JsonValue, JsonValue, JsonValue]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j by %j gives %j', (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  it.each<[JsonValue, string]>([
    [7, 'number into Go value of type []handlers.jsonPatchOp'],
    [[7], 'number into Go value of type handlers.jsonPatchOp'],
    [[{ op: 'add', path: 7 }], 'number into Go struct field jsonPatchOp.path of type string'],
    [[{ op: 'move', from: [], path: '/a' }], 'array into Go struct field jsonPatchOp.from of type string'],
  ])('is refused as %j', (patch, why) => {
    const { code, message } = failure(() => applyJsonPatch({}, patch));
    expect([code, message]).toEqual([400, `error decoding patch: json: cannot unmarshal ${why}`]);
  });

  it('sets an ordinary member named __proto__, and no prototype', () => {
    const merged = mergePatch(
      {},
      JSON.parse('{"__proto__":{"polluted":1},"a":{"constructor":{"prototype":{"x":1}}}}') as JsonValue,
    );
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(({} as JsonObject)['polluted']).toBeUndefined();
    expect(Object.hasOwn(merged as object, '__proto__')).toBe(true);
  });
});

describe('a JSON patch', () => {
  // Where the real server is looser than the RFC.
  it.each<[JsonObject, JsonObject, JsonObject]>([
    [{ a: {} }, { op: 'replace', path: '/a/b~1c', value: 1 }, { a: { 'b/c': 1 } }],
    [{ a: [1, 2] }, { op: 'replace', path: '/a/-1', value: 3 }, { a: [1, 3] }],
    [{ a: [1, 2] }, { op: 'add', path: '/a/-1', value: 3 }, { a: [1, 2, 3] }],
    [{ a: [1, 2] }, { op: 'remove', path: 'x/a' }, {}],
    [{}, { op: 'copy', from: '/a', path: '/b' }, { b: null }],
    [{ a: 1 }, { op: 'test', path: '/b', value: null }, { a: 1 }],
    [{ a: 1 }, { op: 'add', path: '/b' }, { a: 1, b: null }],
  ])('of %j by %j gives %j', (target, operation, expected) => {
    expect(applyJsonPatch(target, [operation])).toEqual(expected);
  });

  it.each<[JsonObject, JsonObject]>([
    [{ a: [] }, { op: 'replace', path: '/a/0', value: 1 }],
    [{ a: [] }, { op: 'add', path: '/a/1', value: 1 }],
    [{ a: [1] }, { op: 'copy', from: '/a/1', path: '/b' }],
    [{ a: [] }, { op: 'move', from: '/b', path: '/a/0' }],
    [
      { b: 1, a: [] },
      { op: 'move', from: '/b', path: '/a/1' },
    ],
    [{ a: 1 }, { op: 'add', path: '/a/b', value: 1 }],
    [{ a: null }, { op: 'add', path: '/a/b', value: 1 }],
    [{}, { op: 'replace', path: '/a/b', value: 1 }],
    [{}, { op: 'add', path: '', value: 1 }],
    [{}, { op: 'frobnicate', path: '/a' }],
  ])('of %j cannot do %j', (target, operation) => {
    expect(failure(() => applyJsonPatch(target, [operation])).code).toBe(422);
  });

  it('sets an ordinary member named __proto__, and no prototype', () => {
    const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }]) as JsonObject;
    expect([Object.getPrototypeOf(patched), Object.hasOwn(patched, '__proto__')]).toEqual([Object.prototype, true]);
    expect(failure(() => applyJsonPatch({}, [{ op: 'add', path: '/__proto__/x', value: 1 }])).code).toBe(422);
  });

  it('adds, removes, replaces, moves, copies and tests', () => {
    const patch = [
      { op: 'test', path: '/a', value: 1 },
      { op: 'add', path: '/list/-', value: 3 },
      { op: 'replace', path: '/a', value: 2 },
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'move', from: '/c', path: '/d~1e' },
      { op: 'remove', path: '/list/0' },
    ];
    expect(applyJsonPatch({ a: 1, c: 'x', list: [1, 2] }, patch)).toEqual({ a: 2, b: 2, 'd/e': 'x', list: [2, 3] });
  });

  it('answers 422 when a test fails, or a path is not there', () => {
    const refused = [
      { op: 'test', path: '/a', value: 2 },
      { op: 'remove', path: '/nowhere' },
      { op: 'add', path: '/x/y', value: 1 },
    ];
    for (const operation of refused) {
      const { code, reason } = failure(() => applyJsonPatch({ a: 1 }, [operation]));
      expect([code, reason]).toEqual([422, 'Invalid']);
    }
  });

  it('answers 400 for what is no patch, and 413 for too many operations', () => {
    expect(failure(() => applyJsonPatch({}, { op: 'add' })).code).toBe(400);
    expect(failure(() => applyJsonPatch({}, Array(10_001).fill({ op: 'test', path: '', value: {} }))).code).toBe(413);
  });
});

describe('a strategic merge patch', () => {
  it('merges maps, removes by null and replaces plain lists', () => {
    const target = { data: { a: '1', b: '2' }, list: [1, 2] };
    expect(strategicMergePatch(target, { data: { b: null, c: '3' }, list: [3] })).toEqual({
      data: { a: '1', c: '3' },
      list: [3],
    });
  });

  it('merges owner references by uid and deletes one by directive', () => {
    const target = {
      metadata: {
        ownerReferences: [
          { uid: 'u1', name: 'a' },
          { uid: 'u2', name: 'b' },
        ],
      },
    };
    const patch = {
      metadata: {
        ownerReferences: [
          { uid: 'u1', controller: true },
          { uid: 'u2', $patch: 'delete' },
          { uid: 'u3', name: 'c' },
        ],
      },
    };
    expect(strategicMergePatch(target, patch)).toEqual({
      metadata: {
        ownerReferences: [
          { uid: 'u1', name: 'a', controller: true },
          { uid: 'u3', name: 'c' },
        ],
      },
    });
  });

  it('adds to finalizers as to a set, those of the patch first, and takes out by $deleteFromPrimitiveList', () => {
    const target = { metadata: { finalizers: ['a/x', 'a/y'] } };
    const patch = {
      metadata: {
        finalizers: ['a/z', 'a/x'],
        '$deleteFromPrimitiveList/finalizers': ['a/y'],
        '$setElementOrder/finalizers': ['a/x'],
      },
    };
    expect(strategicMergePatch(target, patch)).toEqual({ metadata: { finalizers: ['a/z', 'a/x'] } });
  });

  it('replaces a map by directive, and keeps named keys only', () => {
    expect(strategicMergePatch({ data: { a: '1' } }, { data: { $patch: 'replace', b: '2' } })).toEqual({
      data: { b: '2' },
    });
    expect(strategicMergePatch({ data: { a: '1', b: '2' } }, { data: { $retainKeys: ['b', 'c'], c: '3' } })).toEqual({
      data: { b: '2', c: '3' },
    });
  });

  it('refuses list items without their key, and directives it does not know', () => {
    expect(
      failure(() => strategicMergePatch({}, { metadata: { ownerReferences: [{ name: 'a' }] } })).message,
    ).toContain('merge key: uid');
    expect(failure(() => strategicMergePatch({}, { $patch: 'explode' })).code).toBe(400);
  });

  it('is the merge patch where no list with a key is in play', () => {
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        fc.constant(null),
        fc.string(),
        fc.array(fc.integer()),
        fc.dictionary(fc.stringMatching(/^[a-d]$/), tie('node')),
      ),
    })).node;
    const map = fc.dictionary(fc.stringMatching(/^[a-d]$/), tree);
    fc.assert(
      fc.property(map, map, (target, patch) => {
        const copy = (value: unknown) => JSON.parse(JSON.stringify(value)) as JsonObject;
        expect(strategicMergePatch(copy(target), copy(patch))).toEqual(mergePatch(copy(target), copy(patch)));
      }),
    );
  });
});
