import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EventFilter } from './event-ring.ts';
import { EventStream } from './event-stream.ts';
import { unknownJob } from './job-routes.ts';
import { Refusal } from './refusal.ts';
import type { ServerDeps } from './server-deps.ts';

/** Readers at once: the controller, each hub replica, some people. */
const MAX_STREAMS = 64;

interface StreamRequest {
  Params: { id?: string };
  Querystring: { after?: unknown; objective?: unknown };
}

/** `GET /api/events` and `GET /api/jobs/{id}/events`, as SSE. Open streams end when the server closes. */
export function eventRoutes(app: FastifyInstance, { events, jobs, clock }: ServerDeps): void {
  const open = new Set<EventStream>();

  const stream = (request: FastifyRequest<StreamRequest>, reply: FastifyReply, filter: EventFilter) => {
    if (open.size >= MAX_STREAMS) throw new Refusal(503, 'TooManyStreams', `${MAX_STREAMS} streams are open already`);
    const after = afterOf(request);
    reply.hijack();
    const started = new EventStream(reply.raw, { ring: events, filter, after, clock });
    open.add(started);
    reply.raw.on('close', () => open.delete(started));
  };

  app.get<StreamRequest>('/api/events', (request, reply) => {
    const { objective } = request.query;
    if (objective !== undefined && typeof objective !== 'string')
      throw new Refusal(400, 'BadRequest', 'objective must be the uid of one Objective');
    stream(request, reply, objective === undefined ? {} : { objectiveUID: objective });
  });

  app.get<StreamRequest>('/api/jobs/:id/events', (request, reply) => {
    const { id = '' } = request.params;
    if (jobs.status(id) === undefined) throw unknownJob(id);
    stream(request, reply, { jobID: id });
  });

  app.addHook('preClose', async () => {
    for (const each of open) each.end();
  });
}

/** Number of the last event that the reader has: what it asks for, else what an EventSource sends when it reconnects. */
function afterOf({ query, headers }: FastifyRequest<StreamRequest>): number {
  const given = query.after ?? headers['last-event-id'] ?? '0';
  const after = Number(given);
  if (given === '' || !Number.isSafeInteger(after) || after < 0)
    throw new Refusal(400, 'BadRequest', 'after must be the number of an event');
  return after;
}
