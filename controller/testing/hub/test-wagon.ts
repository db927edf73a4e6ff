import type { ServerResponse } from 'node:http';
import type { WagonEvent } from '@dark-carnival/crds';
import { aWagon } from '@dark-carnival/crds/testing';
import { type SeenRequest, startHttpServer, type TestServer } from '@dark-carnival/kube/testing';
import type { TestHub } from './test-hub.ts';

/** A wagon as the hub sees it: a vault and a stream of events over HTTP. */
export interface TestWagon {
  server: TestServer;
  /** Answers by `METHOD /path`; the value is a body, or decides itself. */
  routes: Map<string, string | ((request: SeenRequest, response: ServerResponse) => void)>;
  /** Open streams of events. */
  streams: ServerResponse[];
  /** Sends an event to every open stream. */
  emit(event: WagonEvent): void;
  close(): Promise<void>;
}

export async function startTestWagon(): Promise<TestWagon> {
  const server = await startHttpServer((request, response) => {
    const answer = wagon.routes.get(`${request.method} ${request.url.pathname}`);
    if (typeof answer === 'function') return answer(request, response);
    if (request.url.pathname === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      wagon.streams.push(response);
      response.on('close', () => wagon.streams.splice(wagon.streams.indexOf(response), 1));
      return undefined;
    }
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' });
    response.end(answer ?? '{"error":{"code":"NotFound","message":"no such file"}}');
    return undefined;
  });
  const wagon: TestWagon = {
    server,
    routes: new Map(),
    streams: [],
    emit: (event) => {
      for (const stream of wagon.streams) stream.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
    },
    close: () => server.close(),
  };
  return wagon;
}

/** The wagon `lxc-core`, which the hub knows as ready and has the token of. */
export async function startReadyWagon({ wagons, tokens }: Pick<TestHub, 'wagons' | 'tokens'>): Promise<TestWagon> {
  const wagon = await startTestWagon();
  wagons.put(aWagon({ status: { phase: 'Ready', address: wagon.server.url } }));
  tokens.set('lxc-core', 'wagon-token');
  return wagon;
}
