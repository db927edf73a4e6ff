import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { HeartbeatDesk } from './heartbeat-desk.ts';
import { type HubContext, namespaceOf } from './hub-context.ts';
import { HubError, toHubError } from './hub-error.ts';
import type { InternalListener } from './listening/internal-listener.ts';
import { bearerOf } from './security/authenticator.ts';

/** A heartbeat of 32 providers with all that may be said of them. */
const BODY_LIMIT = 256 * 1024;

/** For other replicas alone. */
export interface InternalServer {
  listen(): Promise<void>;
  /** Base URL; known after `listen`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The internal port: takes the heartbeats that other replicas pass on, and nothing else. They carry the wagon's own token, which is verified here as on
 * the public port; so whoever reaches this port can do nothing here that they could not do there. What came here is never passed on.
 */
export function buildInternalServer(context: HubContext, { host, port, tls }: InternalListener): InternalServer {
  const app = tls
    ? (Fastify({ ...OPTIONS, https: { cert: tls.certPem, key: tls.keyPem } }) as unknown as FastifyInstance)
    : Fastify(OPTIONS);
  app.removeContentTypeParser('text/plain');
  const desk = new HeartbeatDesk(context);
  app.setErrorHandler((error, _request, reply) => {
    const refusal = toHubError(error);
    return reply.headers(refusal.headers).code(refusal.status).send(refusal.body);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(new HubError(404, 'NoSuchRoute', 'only heartbeats are taken here').body),
  );
  app.post('/api/nodes/register', async (request) =>
    desk.record(
      await desk.admit({
        namespace: namespaceOf(request, context.deps),
        body: request.body,
        token: bearerOf(request.headers),
        remoteAddress: request.socket.remoteAddress ?? '',
      }),
    ),
  );
  let listening = port;
  return {
    async listen() {
      await app.listen({ host, port });
      listening = (app.server.address() as AddressInfo).port;
    },
    get url() {
      return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${listening}`;
    },
    close: () => app.close(),
  };
}

const OPTIONS = {
  logger: false,
  bodyLimit: BODY_LIMIT,
  exposeHeadRoutes: false,
  forceCloseConnections: true,
  requestTimeout: 10_000,
} as const;
