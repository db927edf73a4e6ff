import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { Backoff } from '../backoff.ts';
import { parseRetryAfter } from './retry-after.ts';
import { type KubeRequest, type KubeResponse, type KubeStream, type Transport, TransportError } from './transport.ts';

export interface RetryOptions {
  clock: Clock;
  random: () => number;
  /** Attempts at most, the first one included. */
  maxAttempts?: number;
  /** A server that asks for a longer wait gets its answer passed on instead: the caller's queue waits better. */
  maxWaitMs?: number;
}

/**
 * Tries again what may be tried again: 429 and 503 (the server did not begin the work) of idempotent requests, after Retry-After plus jitter;
 * connections that broke, for reads only. Streams are not retried: a reflector knows better where to go on.
 */
export class RetryingTransport implements Transport {
  readonly #inner: Transport;
  readonly #options: Required<RetryOptions>;

  constructor(inner: Transport, { maxAttempts = 4, maxWaitMs = 10_000, ...options }: RetryOptions) {
    this.#inner = inner;
    this.#options = { ...options, maxAttempts, maxWaitMs };
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    const { maxAttempts, random, clock } = this.#options;
    const backoff = new Backoff({ baseMs: 100, maxMs: 2_000, random });
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(request);
      const waitMs = attempt < maxAttempts ? this.#waitBefore(request, outcome, backoff) : undefined;
      const waited = waitMs !== undefined && (await sleep(clock, waitMs, request.signal));
      if (waited) continue;
      if (outcome instanceof TransportError) throw outcome;
      return outcome;
    }
  }

  stream(request: KubeRequest): Promise<KubeStream> {
    return this.#inner.stream(request);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #attempt(request: KubeRequest): Promise<KubeResponse | TransportError> {
    try {
      return await this.#inner.request(request);
    } catch (error) {
      if (error instanceof TransportError) return error;
      throw error;
    }
  }

  /** How long to wait before the next attempt; undefined: there is none. */
  #waitBefore(request: KubeRequest, outcome: KubeResponse | TransportError, backoff: Backoff): number | undefined {
    const { clock, maxWaitMs } = this.#options;
    if (outcome instanceof TransportError) {
      return outcome.kind === 'broken' && isRead(request) ? backoff.next() : undefined;
    }
    if ((outcome.status !== 429 && outcome.status !== 503) || !isIdempotent(request)) return undefined;
    const askedMs = (parseRetryAfter(outcome.headers['retry-after'], clock.now()) ?? 0) * 1000;
    const waitMs = askedMs + backoff.next();
    return waitMs <= maxWaitMs ? waitMs : undefined;
  }
}

const isRead = ({ method }: KubeRequest) => method === 'GET' || method === 'HEAD';

/** A JSON patch may append, and a POST makes another object: neither is sent twice. */
function isIdempotent(request: KubeRequest): boolean {
  if (request.method === 'POST') return false;
  return request.method !== 'PATCH' || request.headers?.['content-type'] === 'application/merge-patch+json';
}
