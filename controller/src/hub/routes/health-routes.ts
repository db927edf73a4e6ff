import type { FastifyInstance } from 'fastify';
import { type HubContext, PUBLIC } from '../hub-context.ts';
import { unavailable } from '../hub-error.ts';

/** For whoever starts and watches the process. Says nothing about what is in it. */
export function healthRoutes(app: FastifyInstance, { deps }: HubContext): void {
  app.get('/healthz', { config: { access: PUBLIC } }, async () => ({ status: 'ok' }));

  app.get('/readyz', { config: { access: PUBLIC } }, async () => {
    if (!deps.wagons.hasSynced || !deps.objectives.hasSynced)
      throw unavailable('Starting', 'the hub is still reading the cluster');
    return { status: 'ready' };
  });
}
