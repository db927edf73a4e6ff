import type { FastifyInstance } from 'fastify';
import { type HubContext, user } from '../hub-context.ts';
import { HubError } from '../hub-error.ts';

/** Routes of the original that are owed and not built. They say so: nobody should think that something was improved when nothing ran. */
const NOT_YET: readonly { method: 'GET' | 'POST'; url: string; what: string }[] = [
  { method: 'POST', url: '/api/vault/:node/learn', what: 'Learning from completions into short-term memory' },
  { method: 'POST', url: '/api/vault/:node/analyze', what: 'The quality audit of completions' },
  { method: 'POST', url: '/api/self-improve/all', what: 'Self-improvement of all wagons' },
  { method: 'POST', url: '/api/self-improve/:node', what: 'Self-improvement of a wagon' },
  { method: 'GET', url: '/ws', what: 'The WebSocket' },
];

export function notYetRoutes(app: FastifyInstance, _context: HubContext): void {
  for (const { method, url, what } of NOT_YET) {
    app.route({
      method,
      url,
      config: { access: user() },
      handler: async () => {
        const instead =
          url === '/ws'
            ? 'GET /api/stream and GET /api/objectives/{name}/events tell the same, as server-sent events'
            : 'nothing was done';
        throw new HubError(501, 'NotInstalled', `${what} is not part of this version yet: ${instead}`);
      },
    });
  }
}
