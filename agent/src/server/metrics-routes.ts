import type { FastifyInstance } from 'fastify';
import type { ServerDeps } from './server-deps.ts';

/** `/metrics`, for Prometheus: with the wagon's token, as every route but health. */
export function metricsRoutes(app: FastifyInstance, { metrics }: ServerDeps): void {
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics();
    return reply.header('content-type', contentType).send(body);
  });
}
