import type { Unreachable, WagonTarget } from './wagon-client.ts';

/** A request that is passed on to a wagon, below its base URL. */
export interface WagonRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** Path and query, beginning with `/`; the caller has encoded it. */
  path: string;
  /** JSON body, at most 1 MiB. */
  body?: string;
  /** Headers that are passed on, such as Range, If-None-Match or Accept; the token is added here. */
  headers?: Readonly<Record<string, string>>;
  /** Ends the request and the body. */
  signal?: AbortSignal;
}

/** A wagon's answer as it comes: the body is not held in memory. */
export interface WagonAnswer {
  outcome: 'answered';
  status: number;
  /** Lower-case names; only those that may be shown to a browser (content type, length, etag, range, disposition). */
  headers: Readonly<Record<string, string>>;
  /** Ends early, with an error, when the wagon dies or is silent too long. Must be read or cancelled. */
  body: ReadableStream<Uint8Array>;
}

/** Passes requests of people on to a wagon: files of the vault, live events. Redirects are not followed. */
export interface WagonProxy {
  forward(target: WagonTarget, request: WagonRequest): Promise<WagonAnswer | Unreachable>;
}
