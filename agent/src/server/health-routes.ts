import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';
import type { ServerDeps } from './server-deps.ts';

/** Paths that answer without a token: they tell nothing but that somebody is here. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** `/healthz`, `/readyz`, and at `/` what this is. */
export function healthRoutes(
  app: FastifyInstance,
  { identity, jobs, notReadyReason, providerHealth }: ServerDeps,
): void {
  app.get('/healthz', () => ({ status: 'ok', instanceID: identity.instanceID }));
  app.get('/readyz', () => {
    const reason = notReadyReason();
    if (reason !== undefined) throw new Refusal(503, 'NotReady', reason);
    return { status: 'ok' };
  });
  app.get('/', () => ({
    what: 'a wagon of the Dark Carnival: it debates, does tasks and keeps a vault, as its ringmaster asks',
    ...identity,
    jobs: jobs.slots,
    providers: providerHealth(),
    routes: ['/api/jobs/{id}', '/api/events', '/api/completions', '/api/completions/{file}', '/healthz', '/readyz'],
  }));
}
