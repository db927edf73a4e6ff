import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';

/** A Kubernetes API server that cases are run against. */
export interface Engine {
  readonly name: 'local' | 'real';
  /** Such as https://127.0.0.1:6443. */
  readonly url: string;
  readonly kubeconfig: string;
  /** Whether its garbage collector and namespace controller run. */
  readonly hasControllers: boolean;
  readonly http: Http;
  /** Stops its processes and keeps its data; starts them again on it, at the same address. Absent where that is not ours to do. */
  readonly power?: Power;
  stop(): Promise<void>;
}

export interface Power {
  halt(): Promise<void>;
  /** Resolves once the server is ready. */
  start(): Promise<void>;
  /** Makes the store forget its history. */
  compact(): Promise<void>;
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

interface RawRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  text?: string;
}

/** Credentials and place of a server. */
export interface Place {
  url: string;
  token?: string;
  ca?: string;
  clientCertificate?: string;
  clientKey?: string;
}

const TIMEOUT_MS = 30_000;

/** Sends requests as they are: no retries, no interpretation. */
export class Http {
  readonly #place: Place;
  readonly #agent: Agent;

  constructor(place: Place) {
    this.#place = place;
    // A test server's own certificate: who it is was decided by who started it.
    const trust = place.ca === undefined ? { rejectUnauthorized: false } : { ca: place.ca };
    const client = place.clientCertificate === undefined ? {} : { cert: place.clientCertificate, key: place.clientKey };
    this.#agent = new Agent({ keepAlive: true, ...trust, ...client });
  }

  async send(request: RawRequest): Promise<RawAnswer> {
    const response = await this.#open(request, AbortSignal.timeout(TIMEOUT_MS));
    response.setEncoding('utf8');
    let text = '';
    for await (const chunk of response) text += chunk;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(response.headers))
      headers[name] = Array.isArray(value) ? value.join('\n') : String(value ?? '');
    return { status: response.statusCode ?? 0, headers, text };
  }

  /** Opens a stream of JSON lines. */
  async stream(path: string, headers: Record<string, string> = {}): Promise<LineStream> {
    const abort = new AbortController();
    return new LineStream(await this.#open({ method: 'GET', path, headers }, abort.signal), abort);
  }

  /** Ends its connections. It may be used again. */
  close(): void {
    this.#agent.destroy();
  }

  #open({ method, path, headers, text }: RawRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { url, token } = this.#place;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
    return new Promise((resolve, reject) => {
      const request = httpsRequest(`${url}${path}`, {
        method,
        agent: this.#agent,
        headers: { accept: 'application/json', ...authorization, ...length, ...headers },
        signal,
      });
      request.once('response', resolve).once('error', reject).end(text);
    });
  }
}

/** The lines of a response that stays open. */
export class LineStream {
  readonly #abort: AbortController;
  readonly #lines: AsyncIterator<string>;
  #pending: Promise<IteratorResult<string>> | undefined;

  constructor(response: IncomingMessage, abort: AbortController) {
    this.#abort = abort;
    response.on('error', () => {});
    this.#lines = createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  }

  /** The next line; undefined when the stream has ended, or nothing came in time. */
  async next(timeoutMs: number): Promise<{ line: string } | 'ended' | 'late'> {
    this.#pending ??= this.#lines.next();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs);
    });
    // A connection that breaks is an end, too.
    const broken = { done: true, value: undefined } as const;
    const result = await Promise.race([this.#pending.catch(() => broken), late]).finally(() => clearTimeout(timer));
    if (result === 'late') return 'late';
    this.#pending = undefined;
    return result.done ? 'ended' : { line: result.value };
  }

  close(): void {
    this.#abort.abort();
  }
}
