import { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Clock } from '@dark-carnival/crds/clock';
import { request } from '@dark-carnival/kube';
import type { Unreachable, WagonTarget } from '../ports/wagon-client.ts';
import type { WagonAnswer, WagonProxy, WagonRequest } from '../ports/wagon-proxy.ts';
import type { WagonConnections } from './wagon-connections.ts';
import { bearer, describe, wagonUrl } from './wagon-http.ts';

/** From the request to the first byte of the answer. */
const HEADERS_MS = 10_000;
/** Between two pieces of a body. A wagon keeps its event streams awake every 10 s. */
const BODY_SILENCE_MS = 45_000;

/** What of an answer may be shown to a browser. */
const SHOWN = [
  'content-type',
  'content-length',
  'content-disposition',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'cache-control',
  'retry-after',
] as const;

/** Passes requests on to wagons; bodies flow through and are never held. */
export class HttpWagonProxy implements WagonProxy {
  readonly #connections: WagonConnections;
  readonly #clock: Clock;

  constructor(connections: WagonConnections, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
  }

  async forward(
    { token, ...where }: WagonTarget,
    { method, path, body, headers, signal }: WagonRequest,
  ): Promise<WagonAnswer | Unreachable> {
    const url = wagonUrl(where.address, path);
    if (url === undefined) return { outcome: 'unreachable', message: 'its address is no http URL' };
    const late = new AbortController();
    const timer = this.#clock.setTimeout(() => late.abort(), HEADERS_MS);
    try {
      const answer = await request(this.#connections.to(where), url, {
        method,
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
        headersTimeout: HEADERS_MS,
        bodyTimeout: BODY_SILENCE_MS,
        headers: {
          ...headers,
          ...bearer(token),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
      });
      // Pulled, not pushed: Readable.toWeb throws outside of any call when data comes after cancel(), which would end this process.
      const web = NodeReadableStream.from(answer.body) as ReadableStream<Uint8Array>;
      return { outcome: 'answered', status: answer.statusCode, headers: shown(answer.headers), body: web };
    } catch (error) {
      const message = late.signal.aborted ? `no answer within ${HEADERS_MS / 1000} s` : describe(error);
      return { outcome: 'unreachable', message };
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }
}

function shown(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of SHOWN) {
    const value = headers[name];
    if (typeof value === 'string') out[name] = value;
  }
  return out;
}
