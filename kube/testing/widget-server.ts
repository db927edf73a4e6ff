import type { ServerResponse } from 'node:http';
import type { KubeObject, ResourceRef } from '@dark-carnival/crds';
import { type Answer, answerJson, type SeenRequest, startHttpServer, type TestServer } from './http-server.ts';

/** A resource that exists only in tests. */
export const WIDGETS: ResourceRef = {
  group: 'example.dev',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

export type Widget = KubeObject<{ size: number }>;

/** Answers one request instead of the server; `pass` lets the server answer after all. */
export type Fault = (request: SeenRequest, response: ServerResponse, pass: () => void) => void;

interface LoggedEvent {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: Widget;
}

/**
 * The read side of an API server for one resource, over real sockets: paged lists at a revision, watches from a revision, 410 after a compaction. It behaves well
 * until a fault is set.
 */
export class WidgetServer {
  readonly #objects = new Map<string, Widget>();
  readonly #log: LoggedEvent[] = [];
  readonly #watches = new Set<ServerResponse>();
  readonly #faults: { on: 'list' | 'watch'; fault: Fault }[] = [];
  readonly #pages = new Map<string, Widget[]>();
  #version = 100;
  #compactedTo = 0;
  #server: TestServer | undefined;

  async start(): Promise<this> {
    this.#server = await startHttpServer(this.#answer);
    return this;
  }

  get http(): TestServer {
    if (!this.#server) throw new TypeError('the server was not started');
    return this.#server;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  lists(): SeenRequest[] {
    return this.http.requests.filter(({ url }) => !url.searchParams.has('watch'));
  }

  watches(): SeenRequest[] {
    return this.http.requests.filter(({ url }) => url.searchParams.has('watch'));
  }

  /** The next list or watch request meets this fault; several queue up. */
  failNext(on: 'list' | 'watch', fault: Fault): void {
    this.#faults.push({ on, fault });
  }

  put(name: string, size = 1, metadata: Partial<Widget['metadata']> = {}): Widget {
    const before = this.#objects.get(name);
    this.#version += 1;
    const widget: Widget = {
      apiVersion: 'example.dev/v1',
      kind: 'Widget',
      metadata: {
        name,
        namespace: 'default',
        uid: before?.metadata.uid ?? `uid-${this.#version}`,
        managedFields: [{ manager: 'test' }],
        ...metadata,
        resourceVersion: String(this.#version),
      },
      spec: { size },
    };
    this.#objects.set(name, widget);
    this.#tell({ version: this.#version, type: before ? 'MODIFIED' : 'ADDED', object: widget });
    return widget;
  }

  remove(name: string): void {
    const object = this.#objects.get(name);
    if (!object) return;
    this.#objects.delete(name);
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.#tell({ version: this.#version, type: 'DELETED', object: { ...object, metadata } });
  }

  /** Moves the revision on without touching widgets, as writes to other kinds do, and sends a bookmark. */
  bookmark(advanceBy = 1): void {
    this.#version += advanceBy;
    const object = { kind: 'Widget', apiVersion: 'example.dev/v1', metadata: { resourceVersion: `${this.#version}` } };
    this.send(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  /** Forgets events: a watch from before gets 410. */
  compact(): void {
    this.#compactedTo = this.#version;
  }

  /** Writes raw bytes to every open watch. */
  send(bytes: string): void {
    for (const response of this.#watches) response.write(bytes);
  }

  /** Ends every open watch cleanly, as a server does at its timeout. */
  endWatches(): void {
    for (const response of this.#watches) response.end();
  }

  /** What happens now reaches no open watch. */
  goSilent(): void {
    this.#watches.clear();
  }

  close(): Promise<void> {
    return this.http.close();
  }

  readonly #answer: Answer = (request, response) => {
    const on = request.url.searchParams.has('watch') ? 'watch' : 'list';
    const pass = () => (on === 'watch' ? this.#watch(request, response) : this.#list(request, response));
    const index = this.#faults.findIndex((each) => each.on === on);
    const [fault] = index === -1 ? [] : this.#faults.splice(index, 1);
    if (fault) fault.fault(request, response, pass);
    else pass();
  };

  #list({ url }: SeenRequest, response: ServerResponse): void {
    const limit = Number(url.searchParams.get('limit') ?? 0);
    const token = url.searchParams.get('continue');
    const [version = '', start = '0'] = token?.split('.') ?? [String(this.#version)];
    const all = this.#pages.get(version) ?? [...this.#objects.values()];
    this.#pages.set(version, all);
    const end = limit > 0 ? Number(start) + limit : all.length;
    const more = end < all.length ? { continue: `${version}.${end}` } : {};
    if (!('continue' in more)) this.#pages.delete(version);
    answerJson(response, 200, {
      kind: 'WidgetList',
      apiVersion: 'example.dev/v1',
      metadata: { resourceVersion: version, ...more },
      items: all.slice(Number(start), end),
    });
  }

  #watch({ url }: SeenRequest, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion') ?? 0);
    if (from < this.#compactedTo) {
      answerJson(response, 410, { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
    for (const event of this.#log) {
      if (event.version > from) response.write(line(event));
    }
  }

  #tell(event: LoggedEvent): void {
    this.#log.push(event);
    this.send(line(event));
  }
}

function line({ type, object }: LoggedEvent): string {
  return `${JSON.stringify({ type, object })}\n`;
}
