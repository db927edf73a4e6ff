import { atMost, oneOf } from '@dark-carnival/telemetry';
import type { FastifyInstance } from 'fastify';
import type { HubContext } from './hub-context.ts';

/** More routes than the hub has. */
const MAX_ROUTES = 100;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Counts what the hub answers, by route and not by path: a path is whatever somebody asks for. */
export function measureHub(app: FastifyInstance, { deps, streams }: HubContext): void {
  const { metrics } = deps;
  if (!metrics) return;
  const requests = metrics.counter({
    name: 'carnival_hub_requests_total',
    help: 'Requests that the hub answered; a stream counts when it ends.',
    labels: { method: oneOf(METHODS), route: atMost(MAX_ROUTES), code: atMost(60) },
  });
  metrics.gauge(
    { name: 'carnival_hub_clients', help: 'Event streams that are open: pages and programs that watch.' },
    (set) => set(streams.size),
  );
  app.addHook('onResponse', async (request, reply) => {
    requests.add(1, request.method, request.routeOptions.url ?? 'none', String(reply.statusCode));
  });
}
