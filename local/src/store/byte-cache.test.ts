import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCache } from './byte-cache.ts';

const value = (rev: number, length: number) => Buffer.alloc(length, rev);
const keptOf = (cache: ByteCache, revs: number[]) => revs.filter((rev) => cache.get(rev) !== undefined);

describe('the byte cache', () => {
  it('drops the oldest once its bound is passed', () => {
    const cache = new ByteCache(10);
    for (const rev of [1, 2, 3, 4]) cache.set(rev, value(rev, 3));
    expect(keptOf(cache, [1, 2, 3, 4])).toEqual([2, 3, 4]);
  });

  it('does not keep a value above its bound, nor lets it push out others', () => {
    const cache = new ByteCache(10);
    cache.set(1, value(1, 3));
    cache.set(2, value(2, 11));
    expect(keptOf(cache, [1, 2])).toEqual([1]);
  });

  it('gives a value as it was put in or not at all, and always the newest', () => {
    const step = fc.record({
      rev: fc.integer({ min: 1, max: 30 }),
      length: fc.integer({ min: 0, max: 40 }),
      drop: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const cache = new ByteCache(64);
        const lengths = new Map<number, number>();
        for (const { rev, length, drop } of steps) {
          if (drop) cache.delete(rev);
          else {
            // A revision never changes.
            const fixed = lengths.get(rev) ?? length;
            lengths.set(rev, fixed);
            cache.set(rev, value(rev, fixed));
            expect(cache.get(rev)).toEqual(value(rev, fixed));
          }
          for (const [other, kept] of lengths) {
            const found = cache.get(other);
            if (found) expect(found).toEqual(value(other, kept));
          }
        }
        const total = [...lengths].reduce((sum, [rev]) => sum + (cache.get(rev)?.length ?? 0), 0);
        expect(total).toBeLessThanOrEqual(64);
      }),
    );
  });

  it('gives copies: what one holder does to a value, no other sees', () => {
    const cache = new ByteCache(10);
    cache.set(1, value(1, 4));
    cache.get(1)?.fill(9);
    expect(cache.get(1)).toEqual(value(1, 4));
  });
});
