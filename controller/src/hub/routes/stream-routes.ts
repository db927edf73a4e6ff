import type { FastifyInstance } from 'fastify';
import { type HubContext, namespaceOf, openStream, user } from '../hub-context.ts';
import { ChangeStream } from '../live/change-stream.ts';

/** What the page lives on: wagons and Objectives as they change. */
export function streamRoutes(app: FastifyInstance, context: HubContext): void {
  const { deps } = context;
  const access = user({ verb: 'watch', resource: 'wagons' }, { verb: 'watch', resource: 'objectives' });
  app.get('/api/stream', { config: { access } }, async (request, reply) => {
    const namespace = namespaceOf(request, deps);
    const stream = openStream(request, reply, context);
    const { wagons, objectives, liveness, clock } = deps;
    new ChangeStream({ stream, namespace, wagons, objectives, liveness, clock });
  });
}
