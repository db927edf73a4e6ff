import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerFactory,
} from 'fastify';
import { type HubContext, requirePermissions } from './hub-context.ts';
import { HubError, toHubError } from './hub-error.ts';
import { measureHub } from './hub-metrics.ts';
import { broadcastRoutes } from './routes/broadcast-routes.ts';
import { dispatchRoutes } from './routes/dispatch-routes.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { joinRoutes } from './routes/join-routes.ts';
import { loginRoutes } from './routes/login-routes.ts';
import { metricsRoutes } from './routes/metrics-routes.ts';
import { nodeRoutes } from './routes/node-routes.ts';
import { notYetRoutes } from './routes/not-yet-routes.ts';
import { objectiveRoutes } from './routes/objective-routes.ts';
import { pageRoutes } from './routes/page-routes.ts';
import { streamRoutes } from './routes/stream-routes.ts';
import { vaultRoutes } from './routes/vault-routes.ts';
import { checkHost } from './security/request-guards.ts';
import { refuseInTheClear } from './security/request-way.ts';
import { DATA_HEADERS } from './security/security-headers.ts';

/** A directive has 16 KiB; a heartbeat of 32 providers less. JSON may escape each character. */
const BODY_LIMIT = 256 * 1024;

/** Only for what has not arrived yet: streams are answers, and go on. */
export const REQUEST_TIMEOUT_MS = 30_000;

const ROUTES = [
  healthRoutes,
  metricsRoutes,
  loginRoutes,
  nodeRoutes,
  joinRoutes,
  dispatchRoutes,
  broadcastRoutes,
  vaultRoutes,
  objectiveRoutes,
  streamRoutes,
  notYetRoutes,
  pageRoutes,
];

/** The HTTP side: what holds for every request, and the routes. A route that does not say who may use it is not served at all. */
export function buildServer(
  context: HubContext,
  hostsAt: (localAddress: string) => ReadonlySet<string>,
  serverFactory?: FastifyServerFactory,
): FastifyInstance {
  const app = Fastify({
    ...(serverFactory ? { serverFactory } : {}),
    logger: false,
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: (error, request, reply) => answerError(context, error, request, reply),
  });
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('caller', undefined);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined) throw new TypeError(`${String(method)} ${url} does not say who may use it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(DATA_HEADERS);
    checkHost(request.headers, hostsAt(request.socket.localAddress ?? ''));
    if (refuseInTheClear(request, reply)) return reply;
    await authenticate(context, request);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(context, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    answerError(
      context,
      new HubError(404, 'NoSuchRoute', `there is no ${request.method} ${path.slice(0, 200)}`),
      request,
      reply,
    );
  });
  measureHub(app, context);
  for (const routes of ROUTES) routes(app, context);
  return app;
}

/** Who may use the route is part of the route; this is the one place that asks. */
async function authenticate(context: HubContext, request: FastifyRequest): Promise<void> {
  const access = request.routeOptions.config.access;
  if (request.is404 || access?.kind === 'public' || access?.kind === 'wagon') return;
  const { method, headers } = request;
  const { remoteAddress = '', localAddress = '' } = request.socket;
  request.caller = await context.authenticator.authenticate({ method, headers, remoteAddress, localAddress });
  await requirePermissions(context, request);
}

/** Every refusal has one shape. Only what nobody foresaw is logged with its text; the query, which may hold a ticket, never is. */
function answerError({ deps }: HubContext, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = toHubError(error);
  if (refusal.status === 500) {
    const route = request.routeOptions.url ?? 'unknown';
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    deps.logger.error({ method: request.method, route, error: cause }, 'The hub failed to answer');
  }
  if (reply.sent) return;
  reply.headers({ ...DATA_HEADERS, ...refusal.headers });
  reply.code(refusal.status).send(refusal.body);
}
