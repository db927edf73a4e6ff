import type { IncomingMessage } from 'node:http';
import { tooLarge } from '../status/api-error.ts';

/** The real server's limit. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Reads a request body whole. @throws ApiError 413 beyond the limit */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return Promise.reject(tooLarge(MAX_BODY_BYTES));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_BODY_BYTES) chunks.push(chunk);
      else reject(tooLarge(MAX_BODY_BYTES));
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}
