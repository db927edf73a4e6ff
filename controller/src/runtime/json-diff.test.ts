import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonDiff, mergeDiff, sameJson } from './json-diff.ts';

type JsonMap = Record<string, unknown>;
const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7386, as its own pseudo code has it. */
function applyMerge(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: JsonMap = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMerge(result[key], value);
  }
  return result;
}

/** A status: maps, lists, texts, numbers; no null, since a merge patch cannot write one. */
const { status } = fc.letrec<{ status: JsonMap; value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.oneof(fc.string(), fc.dictionary(fc.string(), fc.integer(), { maxKeys: 2 })), { maxLength: 3 }),
    tie('status'),
  ),
  status: fc.dictionary(fc.constantFrom('phase', 'a/b', 'c~d', 'tasks', 'plan'), tie('value'), { maxKeys: 4 }),
}));

describe('mergeDiff', () => {
  it('is a patch that turns before into after, and nothing when they are equal', () => {
    fc.assert(
      fc.property(status, status, (before, after) => {
        const patch = mergeDiff(before, after);
        expect(applyMerge(before, patch ?? {})).toEqual(after);
        expect(patch === undefined).toBe(sameJson(before, after));
        expect(mergeDiff(after, structuredClone(after))).toBeUndefined();
      }),
    );
  });

  it('sends only what changed', () => {
    const before = { phase: 'Pending', plan: { hash: 'x', summary: 's' }, gone: 1 };
    const after = { phase: 'Pending', plan: { hash: 'y', summary: 's' }, gone: undefined };
    expect(mergeDiff(before, after)).toEqual({ plan: { hash: 'y' }, gone: null });
  });
});

describe('jsonDiff', () => {
  it('touches members that changed, escapes their names, and makes the map where there is none', () => {
    expect(jsonDiff('/status', { a: 1, 'b/c': 2, 'd~': 3 }, { a: 1, 'b/c': 9, e: [] })).toEqual([
      { op: 'remove', path: '/status/d~0' },
      { op: 'add', path: '/status/b~1c', value: 9 },
      { op: 'add', path: '/status/e', value: [] },
    ]);
    expect(jsonDiff('/status', undefined, { a: 1 })).toEqual([{ op: 'add', path: '/status', value: { a: 1 } }]);
  });
});

describe('sameJson', () => {
  it.each([
    { a: { x: undefined }, b: {}, want: true },
    { a: { x: 1, y: 2 }, b: { y: 2, x: 1 }, want: true },
    { a: [1, 2], b: [2, 1], want: false },
    { a: {}, b: [], want: false },
    { a: null, b: {}, want: false },
    { a: null, b: null, want: true },
    { a: '1', b: 1, want: false },
  ])('$a and $b: $want', ({ a, b, want }) => {
    expect(sameJson(a, b)).toBe(want);
  });
});
