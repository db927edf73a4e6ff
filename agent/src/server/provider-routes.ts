import { providerGrantsSchema } from '@dark-carnival/crds';
import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';
import type { ServerDeps } from './server-deps.ts';

const MAX_GRANTS_BYTES = 1024 * 1024;

/** `PUT /api/providers`: what this wagon may call, and the keys. They stay in memory, and no answer or log line holds them. */
export function providerRoutes(app: FastifyInstance, { setProviders, providerHealth }: ServerDeps): void {
  app.put('/api/providers', { bodyLimit: MAX_GRANTS_BYTES }, (request) => {
    const parsed = providerGrantsSchema.safeParse(request.body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new Refusal(422, 'InvalidProviders', `${issue?.path.join('.') || 'the body'}: ${issue?.message}`);
    }
    setProviders(parsed.data);
    return { digest: parsed.data.digest, providers: providerHealth() };
  });
}
