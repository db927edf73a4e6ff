import { describe, expect, it } from 'vitest';
import { ByteCache } from './byte-cache.ts';

describe('the byte cache', () => {
  it('drops what was used least recently once its bound is passed', () => {
    const cache = new ByteCache(10);
    for (const rev of [1, 2, 3]) cache.set(rev, Buffer.alloc(3));
    cache.get(1);
    cache.set(4, Buffer.alloc(3));
    expect([1, 2, 3, 4].map((rev) => cache.get(rev) !== undefined)).toEqual([true, false, true, true]);
  });

  it('does not keep a value above its bound, nor lets it push out others', () => {
    const cache = new ByteCache(10);
    cache.set(1, Buffer.alloc(3));
    cache.set(2, Buffer.alloc(11));
    expect(cache.get(2)).toBeUndefined();
    expect(cache.get(1)).toBeDefined();
  });
});
