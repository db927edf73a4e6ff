import type { FastifyInstance } from 'fastify';
import { HeartbeatDesk } from '../heartbeat-desk.ts';
import { type HubContext, namespaceOf, queryOf, user, WAGON } from '../hub-context.ts';
import { badRequest } from '../hub-error.ts';
import { bearerOf } from '../security/authenticator.ts';
import { nodeView } from '../views/node-view.ts';

/** Heartbeats of wagons, which any replica takes, and the list of wagons. */
export function nodeRoutes(app: FastifyInstance, context: HubContext): void {
  const { deps, access } = context;
  const desk = new HeartbeatDesk(context);

  app.post('/api/nodes/register', { config: { access: WAGON } }, async (request) => {
    const admitted = await desk.admit({
      namespace: namespaceOf(request, deps),
      body: request.body,
      token: bearerOf(request.headers),
      remoteAddress: request.socket.remoteAddress ?? '',
    });
    return deps.leadership.isLeader() ? desk.record(admitted) : desk.relay(admitted);
  });

  // Evicted wagons have left the wall; `?all=1` shows them too.
  app.get('/api/nodes', { config: { access: user({ verb: 'list', resource: 'wagons' }) } }, async (request) => {
    const namespace = namespaceOf(request, deps);
    const all = queryOf(request, 'all');
    if (all !== undefined && all !== '1') throw badRequest('all may be 1, or absent');
    access.requireSynced();
    return access
      .list(namespace)
      .filter(({ status }) => all === '1' || status?.phase !== 'Evicted')
      .map((wagon) => nodeView(wagon, deps.liveness.view(namespace, wagon.metadata.name)));
  });
}
