import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a provider sent. */
export interface SentRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of several wires
  body: any;
}

/** What the server does with a request. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Written one after the other, each as its own chunk. */
  chunks?: readonly string[];
  /** After the chunks: end properly, cut the connection, or keep it open and say nothing. */
  after?: 'end' | 'disconnect' | 'hang';
  /** Waits before each chunk. */
  pauseMs?: number;
}

export type Script = (request: SentRequest, number: number) => Reply;

export interface WireServer {
  url: string;
  host: string;
  /** Requests so far, oldest first. */
  requests: SentRequest[];
  /** Replaces what the server does. */
  play(script: Script): void;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that answers as it is told. */
export async function startWireServer(script: Script = () => ({ status: 503 })): Promise<WireServer> {
  let playing = script;
  const requests: SentRequest[] = [];
  const server = createServer((incoming, response) => {
    void readBody(incoming).then((body) => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, path: url, headers, body };
      requests.push(request);
      return reply(response, playing(request, requests.length));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    play: (next) => {
      playing = next;
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text === '' ? undefined : JSON.parse(text);
}

async function reply(
  response: ServerResponse,
  { status = 200, headers = {}, chunks = [], after = 'end', pauseMs = 0 }: Reply,
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.flushHeaders();
  for (const chunk of chunks) {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (response.destroyed) return;
    // Awaited, so that a cut comes after what was written.
    await new Promise((resolve) => response.write(chunk, resolve));
  }
  if (after === 'end') response.end();
  if (after === 'disconnect') response.socket?.destroy();
}
