import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from './lines.ts';

async function* chunked(bytes: Buffer, sizes: readonly number[]) {
  let start = 0;
  for (const size of [...sizes, bytes.length]) {
    if (start >= bytes.length) return;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('splitLines', () => {
  it('gives the same lines however the bytes are cut, also within a character', async () => {
    const line = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !/[\n\r]/.test(text) && text.trim() !== '');
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.integer({ min: 1, max: 7 })), async (lines, sizes) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        expect(await collect(splitLines(chunked(bytes, sizes)))).toEqual(lines);
      }),
      { numRuns: 200 },
    );
  });

  it('leaves out empty lines and gives a last line without line feed', async () => {
    expect(await collect(splitLines(chunked(Buffer.from('a\n\n \r\nb'), [])))).toEqual(['a', 'b']);
  });

  it('refuses a line that has no end, holding no more than its bound', async () => {
    async function* endless() {
      for (;;) yield Buffer.alloc(1_000, 'x');
    }
    await expect(collect(splitLines(endless(), 10_000))).rejects.toMatchObject({ kind: 'line-too-long' });
  });
});
