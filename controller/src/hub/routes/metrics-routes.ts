import type { FastifyInstance } from 'fastify';
import { type HubContext, user } from '../hub-context.ts';
import { HubError } from '../hub-error.ts';

/** `/metrics`, for Prometheus: whoever may `get` the path `/metrics` in the cluster, as for the API server's own. */
export function metricsRoutes(app: FastifyInstance, { deps }: HubContext): void {
  app.get('/metrics', { config: { access: user({ verb: 'get', path: '/metrics' }) } }, async (_request, reply) => {
    if (!deps.metrics) throw new HubError(404, 'NoSuchRoute', 'this hub measures nothing');
    const { contentType, body } = await deps.metrics.expose();
    return reply.header('content-type', contentType).send(body);
  });
}
