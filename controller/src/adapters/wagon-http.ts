import type { Clock } from '@dark-carnival/crds/clock';
import { request } from '@dark-carnival/kube';
import type { Dispatcher } from 'undici';

/** Largest answer that is read: three turns of 256 KiB characters each, escaped, and a plan. */
export const MAX_ANSWER_BYTES = 12 * 1024 * 1024;
/** Longest message of an outcome. */
const MAX_MESSAGE = 256;

export interface Exchange {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  url: string;
  token?: string | undefined;
  body?: string | undefined;
  /** Further headers. */
  headers?: Readonly<Record<string, string>>;
  /** From the first byte sent to the last byte read. */
  deadlineMs: number;
}

/** An answer that came whole, in time and within bounds. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

/** Why there is no answer, in words that are fit for a status. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/**
 * One request and its whole answer. Redirects are not followed: a token is for its wagon alone.
 * @throws NoAnswerError whatever goes wrong: no connection, silence, an endless or cut-off body.
 */
export async function exchange(
  agent: Dispatcher,
  clock: Clock,
  { method, url, token, body, headers, deadlineMs }: Exchange,
): Promise<Answer> {
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(), deadlineMs);
  try {
    const answer = await request(agent, url, {
      method,
      signal: abort.signal,
      headers: { accept: 'application/json', ...bearer(token), ...(body === undefined ? {} : JSON_TYPE), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await readText(answer.body);
    return { status: answer.statusCode, headers: answer.headers, text };
  } catch (error) {
    throw new NoAnswerError(abort.signal.aborted ? `no answer within ${deadlineMs / 1000} s` : describe(error));
  } finally {
    clock.clearTimeout(timer);
    // Ends a body that was not read to its end.
    abort.abort();
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new NoAnswerError(`its answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An error of the network in a line. Its text may come from the other side, so it is cut and stays on one line. */
export function describe(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : String(code ?? 'connection failed');
  return oneLine(text);
}

export const oneLine = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, MAX_MESSAGE);

/** Says what kind of nonsense an answer is, for people: HTML of a proxy, an empty body, an error page. */
export function strange({ status, headers, text }: Answer): string {
  const type = String(headers['content-type'] ?? 'no content type').split(';', 1)[0];
  return oneLine(
    `it answered ${status} with ${text === '' ? 'an empty body' : `${type} that is no answer of a wagon`}`,
  );
}

/** Base URL and path as one; undefined for an address that is no http URL. */
export function wagonUrl(address: string, path: string): string | undefined {
  try {
    const base = new URL(address);
    if (base.protocol !== 'http:' && base.protocol !== 'https:') return undefined;
    return `${base.origin}${base.pathname.replace(/\/+$/, '')}${path}`;
  } catch {
    return undefined;
  }
}
