import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, KeyIndex } from './key-index.ts';

const entry = (key: string): Entry => ({ resource: 'r', key, createRev: 1, rev: 1, attributes: undefined });

const keys = fc.stringMatching(/^[a-c]{1,2}\/[a-c-]{0,2}$/);

describe('the key index', () => {
  it('behaves as a sorted set under any additions and removals', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), keys)), keys, keys, (steps, from, to) => {
        const index = new KeyIndex();
        const model = new Set<string>();
        for (const [isAdded, key] of steps) {
          if (!isAdded) index.delete(key);
          else if (!model.has(key)) index.add(entry(key));
          if (isAdded) model.add(key);
          else model.delete(key);
        }
        const sorted = [...model].sort();
        expect(index.range('', '~').map(({ key }) => key)).toEqual(sorted);
        expect(index.range(from, to).map(({ key }) => key)).toEqual(
          from < to ? sorted.filter((key) => key > from && key < to) : [],
        );
        expect(index.size).toBe(model.size);
        for (const key of model) expect(index.get(key)?.key).toBe(key);
      }),
    );
  });

  it('orders keys as etcd does: a namespace is compared with its slash', () => {
    const index = new KeyIndex();
    for (const key of ['a/x', 'a-b/x', 'a.b/x']) index.add(entry(key));
    expect(index.range('', '~').map(({ key }) => key)).toEqual(['a-b/x', 'a.b/x', 'a/x']);
  });
});
