import type { JsonObject } from '../json/json.ts';
import type { WatchFrame } from '../watch/watch-hub.ts';

const CRLF = Buffer.from('\r\n');
const CLOSE = Buffer.from('}\n');
const NEWLINE = 0x0a;

/** The parts of a line, to be written one behind the other. @param object its encoding; a newline at its end is left out */
export function lineParts(type: string, object: Buffer): [Buffer, Buffer, Buffer] {
  return [
    Buffer.from(`{"type":"${type}","object":`),
    object.at(-1) === NEWLINE ? object.subarray(0, -1) : object,
    CLOSE,
  ];
}

/** A line, encoded once for all who hear it. */
export function watchFrame(type: string, object: Buffer): WatchFrame {
  const parts = lineParts(type, object);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const size = Buffer.from(`${length.toString(16)}\r\n`);
  const chunk = Buffer.concat([size, ...parts, CRLF]);
  return { chunk, line: chunk.subarray(size.length, -CRLF.length) };
}

/** The line that ends a watch that cannot go on. */
export function errorLine(status: JsonObject): Buffer {
  return Buffer.concat(lineParts('ERROR', Buffer.from(JSON.stringify(status))));
}
