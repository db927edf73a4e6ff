import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type ClusterConfig, type Credentials, staticCredentials } from '../src/config/cluster-config.ts';
import type { Identity } from './certificates.ts';

/** A request as the server saw it. */
export interface SeenRequest {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: string;
}

/** How a test's server answers; it may also never answer, or destroy the socket. */
export type Answer = (request: SeenRequest, response: ServerResponse) => void;

export interface TestServer {
  url: string;
  /** Requests so far, in order. */
  requests: SeenRequest[];
  /** TCP connections so far; with TLS each was a handshake. */
  connections: () => number;
  openConnections: () => number;
  config: (overrides?: Partial<ClusterConfig> & { identity?: Credentials }) => ClusterConfig;
  /** Resets every connection. */
  reset: () => void;
  close: () => Promise<void>;
}

/** A real HTTP(S) server on loopback that behaves as badly as `answer` does. */
export async function startHttpServer(
  answer: Answer,
  options: { tls?: { server: Identity; clientCa?: string } } = {},
): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = listen(options.tls, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '/', headers } = request;
      const body = Buffer.concat(chunks).toString('utf8');
      const seen: SeenRequest = { method, url: new URL(url, 'http://server'), headers, body };
      requests.push(seen);
      answer(seen, response);
    });
  });
  server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    connections: () => connections,
    openConnections: () => sockets.size,
    config: ({ identity = {}, ...overrides } = {}) => ({
      source: 'test',
      contextName: 'test',
      server: url,
      namespace: 'default',
      credentials: staticCredentials(identity),
      insecureSkipTlsVerify: false,
      ...overrides,
    }),
    reset: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(tls: { server: Identity; clientCa?: string } | undefined, listener: RequestListener): Server {
  if (!tls) return createServer(listener);
  const { server, clientCa } = tls;
  const mutual = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return createTlsServer({ cert: server.certificate, key: server.key, ...mutual }, listener);
}

/** Answers JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
