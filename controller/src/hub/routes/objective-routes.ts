import { OBJECTIVES, type Objective } from '@dark-carnival/crds';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { callerOf, type HubContext, namespaceOf, objectNameOf, openStream, queryOf, user } from '../hub-context.ts';
import { badRequest, unavailable } from '../hub-error.ts';
import { type Cursor, FROM_THE_BEGINNING, parseCursor } from '../live/cursor.ts';
import type { LoggedEvent } from '../live/event-log.ts';
import { FrameQueue } from '../live/frame-queue.ts';
import { gateWords } from '../views/gate-words.ts';
import { nextCommands } from '../views/next-commands.ts';
import { objectiveRow } from '../views/objective-row.ts';
import { planView } from '../views/plan-view.ts';
import { readTranscript } from '../views/transcript.ts';

/** Objectives: the list, one of them with its plan, its debate while it happens, and its debate as it was. */
export function objectiveRoutes(app: FastifyInstance, context: HubContext): void {
  const { deps } = context;
  const get = { config: { access: user({ verb: 'get', resource: 'objectives' }) } };
  const log = { config: { access: user({ verb: 'get', resource: 'objectives', subresource: 'log' }) } };

  app.get(
    '/api/objectives',
    { config: { access: user({ verb: 'list', resource: 'objectives' }) } },
    async (request) => {
      const namespace = namespaceOf(request, deps);
      if (!deps.objectives.hasSynced) throw unavailable('Starting', 'the hub is still reading the cluster');
      const rows = deps.objectives.store.byIndex('namespace', namespace).map(objectiveRow);
      return {
        objectives: rows.sort((a, b) => (a.createdAt === b.createdAt ? 0 : a.createdAt < b.createdAt ? 1 : -1)),
      };
    },
  );

  app.get('/api/objectives/:name', get, async (request) => {
    const objective = await readObjective(context, request);
    const { identity } = callerOf(request);
    const plan = await planView(identity.client, objective);
    return { objective, plan, gate: gateWords(objective, plan), commands: nextCommands(objective, identity.username) };
  });

  app.get('/api/objectives/:name/transcript', log, async (request) => {
    const objective = await readObjective(context, request);
    return readTranscript({ objective, client: callerOf(request).identity.client, access: context.access });
  });

  app.get('/api/objectives/:name/events', log, async (request, reply) => {
    const cursor = cursorOf(request);
    const objective = await readObjective(context, request);
    const stream = openStream(request, reply, context);
    const queue = new FrameQueue(stream, (dropped) => ({ data: gap(context, dropped) }));
    const listener = {
      onEvent: ({ wagon, event, cursor: id }: LoggedEvent) => queue.push({ id, data: { ...event, wagon } }),
      onGap: (missing: number) => queue.push({ data: gap(context, missing) }),
      onSource: (wagon: string, state: object) => queue.push({ event: 'source', data: { wagon, ...state } }),
      onEnd: () => {
        queue.push({ event: 'end', data: { reason: 'Deleted' } });
        stream.end();
      },
    };
    try {
      stream.whenEnded(context.feeds.subscribe(objective, listener, cursor));
    } catch (error) {
      // The headers are gone already: the reader learns it as an event.
      stream.send({ event: 'end', data: { reason: error instanceof Error ? error.message : 'Failed' } });
      stream.end();
    }
  });
}

/** The Objective as the caller may read it, from the API server itself. */
function readObjective({ deps }: HubContext, request: FastifyRequest): Promise<Objective> {
  const ref = { name: objectNameOf(request), namespace: namespaceOf(request, deps) };
  return callerOf(request).identity.client.get<Objective>(OBJECTIVES, ref);
}

const gap = ({ deps }: HubContext, dropped: number) => ({
  type: 'gap',
  seq: 0,
  at: new Date(deps.clock.now()).toISOString(),
  dropped,
});

/** A browser that reconnects says where it was by itself; a program says `after`. */
function cursorOf(request: FastifyRequest): Cursor {
  const last = request.headers['last-event-id'];
  const text = typeof last === 'string' ? last : queryOf(request, 'after');
  if (text === undefined || text === '') return FROM_THE_BEGINNING;
  const cursor = parseCursor(text);
  if (!cursor) throw badRequest('after must be a number, or the id of an event of this stream');
  return cursor;
}
