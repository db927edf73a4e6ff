import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';

/** Routes of the original wagon that this one does not have yet, with what they belong to. */
const NOT_INSTALLED = [
  ['/api/learn', 'memory'],
  ['/api/rewrite', 'self-improvement'],
  ['/api/analyze', 'self-improvement'],
  ['/api/self-improve', 'self-improvement'],
  ['/api/self-rewrite', 'self-improvement'],
  ['/api/swarm/execute', 'execution without a ringmaster'],
] as const;

/** Says honestly what is not here, instead of pretending that the route does not exist. */
export function notInstalledRoutes(app: FastifyInstance): void {
  for (const [url, part] of NOT_INSTALLED) {
    app.all(url, () => {
      throw new Refusal(501, 'NotInstalled', `${url} is not installed on this wagon yet: it belongs to ${part}`);
    });
  }
}
