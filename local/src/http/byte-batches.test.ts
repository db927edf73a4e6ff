import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteBatches } from './byte-batches.ts';

const buffers = fc.array(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)));

describe('batches of bytes', () => {
  it('hold all bytes in their order, each but the last of the full size', () => {
    fc.assert(
      fc.property(buffers, fc.integer({ min: 1, max: 50 }), (parts, size) => {
        const batches = [...byteBatches(parts, size)].map((_, index, all) => all[index]?.length);
        expect(batches.slice(0, -1).every((length) => length === size)).toBe(true);
        const copied: Buffer[] = [];
        for (const batch of byteBatches(parts, size)) copied.push(Buffer.from(batch));
        expect(Buffer.concat(copied)).toEqual(Buffer.concat(parts));
      }),
    );
  });

  it('read no further than they are asked for', () => {
    let read = 0;
    function* parts() {
      for (;;) {
        read += 1;
        yield Buffer.alloc(10);
      }
    }
    for (const _ of byteBatches(parts(), 25)) break;
    expect(read).toBe(3);
  });
});
