import type { JsonObject } from '../json/json.ts';

/** An answer, read whole. */
export interface Answer {
  status: number;
  body: JsonObject;
  headers: Headers;
}

/** One line of a watch. */
export interface WatchLine {
  type: string;
  object: JsonObject & { metadata: JsonObject };
}

const MERGE_PATCH = 'application/merge-patch+json';

/** Talks to a server as a client would: over a socket, in JSON. */
export class ApiClient {
  readonly url: string;
  readonly token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      body: isJson ? (JSON.parse(text) as JsonObject) : { text },
      headers: response.headers,
    };
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, body);
  }

  patch(path: string, body: unknown, type = MERGE_PATCH): Promise<Answer> {
    return this.send('PATCH', path, body, { 'Content-Type': type });
  }

  delete(path: string, options?: unknown): Promise<Answer> {
    return this.send('DELETE', path, options);
  }

  /** Opens a watch; it has begun when this resolves. */
  async watch(path: string): Promise<WatchReader> {
    const abort = new AbortController();
    const response = await fetch(this.url + path, {
      headers: { Authorization: `Bearer ${this.token}` },
      signal: abort.signal,
    });
    if (!response.body) throw new Error('a watch has a body');
    return new WatchReader(response.status, response.body, abort);
  }
}

/** Reads a watch line by line. */
export class WatchReader {
  readonly status: number;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #abort: AbortController;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(status: number, body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.status = status;
    this.#reader = body.getReader();
    this.#abort = abort;
  }

  /** The next line, undefined at the end. */
  async next(): Promise<WatchLine | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return JSON.parse(line) as WatchLine;
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#rest += this.#decoder.decode(value, { stream: true });
    }
  }

  /** The next lines as `TYPE name`, until `count` of them have come. */
  async take(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) {
      const line = await this.next();
      if (!line) break;
      lines.push(`${line.type} ${String(line.object.metadata['name'] ?? line.object['reason'])}`);
    }
    return lines;
  }

  /** Lines until one is of this object and type. */
  async until(type: string, name: string): Promise<WatchLine> {
    for (;;) {
      const line = await this.next();
      if (!line) throw new Error(`the watch ended before ${type} ${name}`);
      if (line.type === type && line.object.metadata['name'] === name) return line;
    }
  }

  close(): void {
    this.#abort.abort();
  }
}
