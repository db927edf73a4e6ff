import type { Clock } from '@dark-carnival/crds/clock';
import type { ClusterConfig, Credentials } from '../config/cluster-config.ts';
import { Deadline } from './deadline.ts';
import { splitLines } from './lines.ts';
import type { PoolLease, PoolRegistry } from './pools.ts';
import {
  type KubeRequest,
  type KubeResponse,
  type KubeStream,
  type Query,
  type Transport,
  TransportError,
  type TransportErrorKind,
} from './transport.ts';

/** How long an exchange may take, in milliseconds. */
export interface Timeouts {
  /** GET and HEAD. */
  read: number;
  /** Everything that writes. */
  write: number;
  /** Until a stream's headers. */
  stream: number;
}

/** client-node sets none: a mute server holds a call for ever (client-node-defects.test.ts, 12). */
export const DEFAULT_TIMEOUTS: Timeouts = { read: 30_000, write: 30_000, stream: 30_000 };

export interface HttpTransportOptions {
  clock: Clock;
  pools: PoolRegistry;
  timeouts: Timeouts;
  userAgent: string;
}

/** HTTP/1.1 over keep-alive connections, each exchange with a deadline, no retries. Its errors never contain a credential. */
export class HttpTransport implements Transport {
  readonly #config: ClusterConfig;
  readonly #options: HttpTransportOptions;
  readonly #basePath: string;
  #credentials: Credentials | undefined;
  #lease: PoolLease | undefined;

  constructor(config: ClusterConfig, options: HttpTransportOptions) {
    this.#config = config;
    this.#options = options;
    this.#basePath = new URL(config.server).pathname.replace(/\/+$/, '');
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    const { timeouts, clock } = this.#options;
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const deadline = new Deadline(clock, request.timeoutMs ?? (reads ? timeouts.read : timeouts.write), request.signal);
    try {
      const answer = await this.#send(request, deadline.signal);
      const body = await answer.body.text();
      const status = answer.statusCode;
      return { status, headers: flatten(answer.headers), body: status < 400 ? body : this.#redact(body) };
    } catch (error) {
      throw this.#failure(request, error, deadline);
    } finally {
      deadline.clear();
    }
  }

  async stream(request: KubeRequest): Promise<KubeStream> {
    const timeoutMs = request.timeoutMs ?? this.#options.timeouts.stream;
    const deadline = new Deadline(this.#options.clock, timeoutMs, request.signal);
    try {
      const answer = await this.#send(request, deadline.signal);
      // The body of a refusal has to end in time too; a watch may last.
      if (answer.statusCode < 400) deadline.disarm();
      const lines = this.#lines(request, answer.body, deadline);
      return { status: answer.statusCode, headers: flatten(answer.headers), lines };
    } catch (error) {
      deadline.clear();
      throw this.#failure(request, error, deadline);
    }
  }

  async close(): Promise<void> {
    this.#lease?.release();
    this.#lease = undefined;
    this.#credentials = undefined;
  }

  async #send(request: KubeRequest, signal: AbortSignal) {
    const credentials = this.#config.credentials.current();
    const answer = await this.#pool(credentials).request({
      method: request.method,
      path: `${this.#basePath}${request.path}${queryString(request.query)}`,
      headers: {
        accept: 'application/json',
        'user-agent': this.#options.userAgent,
        ...request.headers,
        ...(credentials.token === undefined ? {} : { authorization: `Bearer ${credentials.token}` }),
      },
      body: request.body ?? null,
      signal,
    });
    if (answer.statusCode === 401) this.#config.credentials.refresh();
    return answer;
  }

  #pool(credentials: Credentials) {
    if (this.#lease && credentials === this.#credentials) return this.#lease.pool;
    const fresh = this.#options.pools.acquire(this.#config, credentials);
    this.#lease?.release();
    this.#lease = fresh;
    this.#credentials = credentials;
    return fresh.pool;
  }

  async *#lines(request: KubeRequest, body: AsyncIterable<Uint8Array>, deadline: Deadline) {
    try {
      yield* splitLines(body);
    } catch (error) {
      throw error instanceof TransportError ? error : this.#failure(request, error, deadline);
    } finally {
      deadline.clear();
    }
  }

  #failure(request: KubeRequest, error: unknown, deadline: Deadline): TransportError {
    const what = `${request.method} ${this.#config.server}${request.path}`;
    if (deadline.expired) return new TransportError('timeout', `${what}: no answer in time`, 'ETIMEDOUT');
    if (request.signal?.aborted) return new TransportError('aborted', `${what}: cancelled`, 'ABORT_ERR');
    const { code, message } = describe(error);
    const kind = classify(code);
    return new TransportError(kind, this.#redact(`${what}: ${message} (${kind})`), code);
  }

  #redact(text: string): string {
    const { token } = this.#config.credentials.current();
    return token ? text.replaceAll(token, '[redacted]') : text;
  }
}

const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
const TLS = /CERT|TLS|SSL|UNABLE_TO_/;

function classify(code: string): TransportErrorKind {
  if (UNREACHABLE.test(code)) return 'unreachable';
  return TLS.test(code) ? 'tls' : 'broken';
}

function describe(error: unknown): { code: string; message: string } {
  // A dual-stack connect fails with an AggregateError whose parts have the code.
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const { code = '', message = String(first) } = first as { code?: string; message?: string };
  return { code: String(code), message: message || String(code) };
}

function queryString(query: Query | undefined): string {
  if (!query) return '';
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  if (pairs.length === 0) return '';
  return `?${pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`).join('&')}`;
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
