import {
  API_VERSION,
  type BroadcastAnswer,
  type BroadcastRequest,
  broadcastRequestSchema,
  LABELS,
  OBJECTIVES,
  type Objective,
  type ObjectiveSpecInput,
  type Wagon,
} from '@dark-carnival/crds';
import { ApiError } from '@dark-carnival/kube';
import type { FastifyInstance } from 'fastify';
import { eventName, nameOnWagon } from '../event-names.ts';
import { callerOf, type HubContext, namespaceOf, user } from '../hub-context.ts';
import type { UserClient } from '../hub-deps.ts';
import { badRequest, HubError, notFound } from '../hub-error.ts';
import { PRINTABLE_USER } from '../printable-user.ts';
import { problemOf } from '../zod-problem.ts';

type Line = BroadcastAnswer['objectives'][number];

/** A fleet larger than this is told in several events, by role. */
const MAX_WAGONS = 200;
/** Creations under way at once: the API server is not ours alone. */
const AT_ONCE = 8;

/** INITIATE GLOBAL EVENT of the original: the same goal for each wagon, as one Objective each, created by whoever asks. */
export function broadcastRoutes(app: FastifyInstance, context: HubContext): void {
  const access = user({ verb: 'create', resource: 'objectives' }, { verb: 'list', resource: 'wagons' });
  app.post('/api/swarm/broadcast', { config: { access } }, async (request, reply) => {
    const parsed = broadcastRequestSchema.safeParse(request.body);
    if (!parsed.success) throw badRequest(`the request is not valid: ${problemOf(parsed.error)}`);
    const namespace = namespaceOf(request, context.deps);
    const { client, username } = callerOf(request).identity;
    const { dry_run: dryRun, role } = parsed.data;
    const event = parsed.data.event ?? eventName(parsed.data.objective, context.deps.randomBytes);
    const { called, skipped } = audience(context, namespace, role);
    const objects = called.map((wagon) => objectiveFor(wagon, { event, namespace, username, request: parsed.data }));
    // Nobody gets an Objective where one of them would be refused: half an event is no event.
    const planned = await inBatches(objects, (object) => make(client, object, true));
    const refused = planned.find(({ outcome }) => outcome === 'Failed');
    if (refused) throw new HubError(422, 'Refused', `nothing was made: ${refused.name}: ${refused.message}`);
    const objectives = dryRun ? planned : await inBatches(objects, (object) => make(client, object, false));
    reply.code(dryRun ? 200 : 201);
    return { event, dryRun, objectives, skipped } satisfies BroadcastAnswer;
  });
}

/** Wagons that are called, and those that are left out with the reason. @throws HubError where nobody is left to call. */
function audience({ access }: HubContext, namespace: string, role: string | undefined) {
  access.requireSynced();
  const called: Wagon[] = [];
  const skipped: BroadcastAnswer['skipped'] = [];
  for (const wagon of access.list(namespace)) {
    const why = whyNot(wagon, role);
    if (why === undefined) called.push(wagon);
    else skipped.push({ wagon: wagon.metadata.name, why });
  }
  if (called.length > MAX_WAGONS) {
    throw badRequest(`${called.length} wagons are more than the ${MAX_WAGONS} of one event: give a role`);
  }
  if (called.length > 0) return { called, skipped };
  const reasons = skipped.map(({ wagon, why }) => `${wagon} ${why}`).join(', ') || 'there is none yet';
  throw notFound(`no wagon in namespace ${namespace} can be called: ${reasons.slice(0, 400)}`);
}

function whyNot({ metadata, spec, status }: Wagon, role: string | undefined): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return 'is being deleted';
  if (role !== undefined && spec?.role !== role) return `plays ${spec?.role ?? 'no role'}, not ${role}`;
  if (spec?.scheduling !== undefined && spec.scheduling !== 'Enabled') return `is ${spec.scheduling}`;
  return status?.phase === 'Ready' ? undefined : `is ${status?.phase ?? 'Provisioning'}`;
}

interface EventParts {
  event: string;
  namespace: string;
  username: string;
  request: BroadcastRequest;
}

function objectiveFor({ metadata }: Wagon, { event, namespace, username, request }: EventParts): Objective {
  const requester = PRINTABLE_USER.test(username) ? { requestedBy: username } : {};
  const spec: ObjectiveSpecInput = { directive: request.objective, wagonName: metadata.name, ...requester };
  const name = nameOnWagon(event, metadata.name);
  const labels = { [LABELS.event]: event };
  // The API server fills in the defaults that the type already promises.
  return { apiVersion: API_VERSION, kind: 'Objective', metadata: { name, namespace, labels }, spec } as Objective;
}

async function make(client: UserClient, object: Objective, dryRun: boolean): Promise<Line> {
  const line = { wagon: object.spec?.wagonName ?? '', name: object.metadata.name };
  try {
    await client.create<Objective>(OBJECTIVES, object, { dryRun, fieldValidation: 'Strict' });
    return { ...line, outcome: dryRun ? 'Planned' : 'Created' };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!error.isAlreadyExists) return { ...line, outcome: 'Failed', message: error.message };
    const found = await client.get<Objective>(OBJECTIVES, object.metadata);
    const ours = found.metadata.labels?.[LABELS.event] === object.metadata.labels?.[LABELS.event];
    if (ours && found.spec?.directive === object.spec?.directive) return { ...line, outcome: 'Exists' };
    return { ...line, outcome: 'Failed', message: 'another Objective has this name: choose another event' };
  }
}

async function inBatches<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let index = 0; index < items.length; index += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(index, index + AT_ONCE).map(run))));
  }
  return results;
}
