import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../json/json.ts';
import { ApiError, badRequest, insufficientStorage, internalError } from '../status/api-error.ts';
import { StorageError } from '../store/storage-error.ts';

/** Sends a whole body. */
export function send(response: ServerResponse, code: number, contentType: string, body: Buffer | string): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(code, {
    'Content-Type': contentType,
    'Content-Length': bytes.length,
    'Cache-Control': response.getHeader('Cache-Control') ?? 'no-cache, private',
  });
  response.end(bytes);
}

/** What the client is told besides the answer, whatever the answer will be. */
export function setWarnings(response: ServerResponse, warnings: readonly string[]): void {
  if (warnings.length > 0)
    response.setHeader(
      'Warning',
      [...new Set(warnings)].map((text) => `299 - ${quoted(text)}`),
    );
}

/** A header's quoted string: no control characters, no raw bytes above ASCII. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?')}"`;
}

export function sendJson(response: ServerResponse, code: number, body: JsonObject): void {
  send(response, code, 'application/json', `${JSON.stringify(body)}\n`);
}

export function sendText(response: ServerResponse, code: number, text: string): void {
  send(response, code, 'text/plain; charset=utf-8', text);
}

/** Answers an error as a Status. What is not an ApiError is a fault of the server: told to `onFault`, and answered as 500. */
export function sendError(response: ServerResponse, error: unknown, onFault: (error: unknown) => void): void {
  // The client hung up: there is nobody to tell, and nothing is wrong here.
  if (response.socket === null || response.socket.destroyed) return;
  const known = statusErrorOf(error);
  // The store tells of a refusing disk itself, once.
  if (known !== error && known.code >= 500 && !(error instanceof StorageError)) onFault(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (known.details?.retryAfterSeconds) response.setHeader('Retry-After', String(known.details.retryAfterSeconds));
  // The rest of a body that was refused unread would be taken for the next request.
  if (known.code === 413) response.setHeader('Connection', 'close');
  sendJson(response, known.code, known.toStatus());
}

function statusErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof StorageError && error.fault === 'full') return insufficientStorage(error.message);
  // The parsers and checks here recurse; nothing has been written when one of them runs out of stack.
  if (error instanceof RangeError && error.message.includes('call stack'))
    return badRequest('the request body exceeds the maximum depth');
  return internalError(error instanceof Error ? error.message : String(error));
}
