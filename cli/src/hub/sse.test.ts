import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSse } from './sse.ts';

async function* chunked(bytes: Uint8Array, sizes: number[]) {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function parse(text: string, sizes: number[] = []) {
  const messages = [];
  for await (const message of parseSse(chunked(Buffer.from(text), sizes))) messages.push(message);
  return messages;
}

const STREAM =
  ': here\n\nid: a1\ndata: {"x":"é🎪"}\n\nevent: gap\ndata: one\ndata: two\r\n\r\ndata:bare\rid\r\rdata: cut off';

describe('parseSse', () => {
  it('reads messages, names, ids and comments as the standard says', async () => {
    expect(await parse(STREAM)).toEqual([
      { event: 'message', id: 'a1', data: '{"x":"é🎪"}' },
      { event: 'gap', id: 'a1', data: 'one\ntwo' },
      { event: 'message', id: '', data: 'bare' },
    ]);
  });

  it('does not care where the stream was cut, within a character or a line end', async () => {
    const whole = await parse(STREAM);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), async (sizes) => {
        expect(await parse(STREAM, sizes)).toEqual(whole);
      }),
    );
  });

  it('gives up on a line without end', async () => {
    await expect(parse(`data: ${'x'.repeat(1_100_000)}`)).rejects.toThrow('without end');
  });
});
