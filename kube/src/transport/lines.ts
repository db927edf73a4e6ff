import { TransportError } from './transport.ts';

const LINE_FEED = 0x0a;

/** Objects are at most 1.5 MB in etcd; JSON of a watch event stays far below this. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

/**
 * Cuts a byte stream into lines, however it was cut into chunks (within a line, within a character). Empty lines are left out; a last line
 * without line feed is given too. Holds at most one line.
 * @throws TransportError `line-too-long`.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncGenerator<string, void, undefined> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      const rest = bytes.subarray(start, end);
      start = end + 1;
      checkLength(pendingBytes + rest.length, maxLineBytes);
      const line = pendingBytes === 0 ? rest.toString('utf8') : Buffer.concat([...pending, rest]).toString('utf8');
      pending = [];
      pendingBytes = 0;
      if (line.trim() !== '') yield line;
    }
    if (start < bytes.length) {
      pending.push(bytes.subarray(start));
      pendingBytes += bytes.length - start;
      checkLength(pendingBytes, maxLineBytes);
    }
  }
  const last = Buffer.concat(pending).toString('utf8');
  if (last.trim() !== '') yield last;
}

function checkLength(bytes: number, maxLineBytes: number): void {
  if (bytes <= maxLineBytes) return;
  throw new TransportError('line-too-long', `the server sent a line of more than ${maxLineBytes} bytes`);
}
