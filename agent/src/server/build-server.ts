import Fastify, { type FastifyInstance, type FastifyReply, type FastifyServerFactory } from 'fastify';
import { bearerCheck } from './bearer.ts';
import { completionRoutes } from './completion-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { healthRoutes, OPEN_PATHS } from './health-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { notInstalledRoutes } from './not-installed-routes.ts';
import { providerRoutes } from './provider-routes.ts';
import { errorBody, Refusal, toRefusal } from './refusal.ts';
import type { ServerDeps } from './server-deps.ts';

/** Body of a request that says nothing else. */
const MAX_BODY_BYTES = 64 * 1024;
/** A request that takes longer to arrive is no request. Streams are answers, and not meant. */
const REQUEST_TIMEOUT_MS = 60_000;

/** What the wagon serves https with, PEM. */
export interface ServerTls {
  certPem: string;
  keyPem: string;
}

/**
 * The wagon's routes, not listening yet. Every one but health needs the token; every refusal has the shape of `errorBodySchema`.
 * @param tls absent: plain http, which is for loopback.
 */
export function buildServer(deps: ServerDeps, tls?: ServerTls): FastifyInstance {
  const app = Fastify({
    ...(tls === undefined ? {} : { serverFactory: secureServer(tls) }),
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 512 },
    // A path that cannot even be decoded reaches no route and no hook.
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      void reply.code(400).send(errorBody(new Refusal(400, 'BadRequest', 'the path cannot be read')));
    },
  });
  takeJsonOnly(app);
  guard(app, deps);
  for (const routes of [jobRoutes, eventRoutes, providerRoutes, completionRoutes, healthRoutes, metricsRoutes])
    routes(app, deps);
  notInstalledRoutes(app);
  return app;
}

/** Fastify sets no limit where somebody else makes the server. */
function secureServer({ certPem, keyPem }: ServerTls): FastifyServerFactory {
  // An import would load far more: see lease/post.ts.
  const { createServer } = process.getBuiltinModule('node:https');
  const settings = { cert: certPem, key: keyPem, minVersion: 'TLSv1.3', requestTimeout: REQUEST_TIMEOUT_MS } as const;
  return (handler) => createServer(settings, handler);
}

/** JSON and nothing else; an empty body is no body, whatever its type says. */
function takeJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') {
      done(null, undefined);
      return;
    }
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(new Refusal(400, 'BadRequest', 'the body is not JSON'));
    }
  });
}

function guard(app: FastifyInstance, { token, logger }: ServerDeps): void {
  const isOurs = bearerCheck(token);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'no-store',
    });
    const path = request.url.split('?', 1)[0] ?? '';
    if (OPEN_PATHS.has(path) || isOurs(request.headers.authorization)) return;
    const message = 'this is a wagon of the Dark Carnival: send Authorization: Bearer and its token';
    throw new Refusal(401, 'Unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } });
  });
  app.setNotFoundHandler((request) => {
    throw new Refusal(
      404,
      'NotFound',
      `a wagon has no ${request.method} ${request.url.split('?', 1)[0]?.slice(0, 200)}`,
    );
  });
  app.setErrorHandler((error, request, reply) => {
    const refusal = toRefusal(error) ?? new Refusal(500, 'Internal', 'the wagon made a mistake: its log says more');
    if (refusal.status >= 500 && refusal.code === 'Internal')
      logger.error({ err: error, method: request.method, route: request.routeOptions.url }, 'Request failed');
    return reply.code(refusal.status).headers(refusal.headers).send(errorBody(refusal));
  });
}
