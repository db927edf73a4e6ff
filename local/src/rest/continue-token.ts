import { isJsonObject } from '../json/json.ts';
import { badRequest } from '../status/api-error.ts';

const VERSION = 'meta.k8s.io/v1';

/** Where a list goes on: the revision it is read at (-1: the newest), and the last key that was given. */
export interface ContinuePoint {
  rev: number;
  after: string;
}

/** The token of the next page, in the form of the real server; opaque to clients. */
export function encodeContinueToken(rev: number, after: string): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: rev, start: `${after}\0` })).toString('base64url');
}

/** @throws ApiError 400 */
export function decodeContinueToken(token: string): ContinuePoint {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch (error) {
    throw badRequest(`invalid continue token: continue key is not valid: ${(error as Error).message}`);
  }
  const { v, rv, start } = isJsonObject(value) ? value : {};
  if (v !== VERSION)
    throw invalidToken(`server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`);
  if (typeof start !== 'string' || start === '') throw invalidToken('encoded start key empty (version meta.k8s.io/v1)');
  if (!Number.isSafeInteger(rv) || rv === 0)
    throw invalidToken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  // Never the way out of the collection.
  if (start.split('/').includes('..')) throw invalidToken(start);
  return { rev: rv as number, after: start.replace(/\0$/, '') };
}

function invalidToken(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
