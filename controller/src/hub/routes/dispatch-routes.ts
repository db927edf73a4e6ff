import {
  API_VERSION,
  type DispatchRequest,
  dispatchRequestSchema,
  LABELS,
  MODEL_PROVIDERS,
  OBJECTIVES,
  type Objective,
  type ObjectiveSpecInput,
  REHEARSAL_NAME,
  SEATS,
  type Wagon,
} from '@dark-carnival/crds';
import { ApiError } from '@dark-carnival/kube';
import type { FastifyInstance } from 'fastify';
import { callerOf, type HubContext, namespaceOf, user } from '../hub-context.ts';
import type { UserClient } from '../hub-deps.ts';
import { badRequest, HubError, notFound } from '../hub-error.ts';
import { objectiveName } from '../objective-name.ts';
import { PRINTABLE_USER } from '../printable-user.ts';
import { problemOf } from '../zod-problem.ts';

type Placement = Pick<ObjectiveSpecInput, 'wagonName' | 'wagonSelector'>;

const NAME_ATTEMPTS = 3;

/** The original's way to state a goal: it becomes an Objective, created by whoever asks. */
export function dispatchRoutes(app: FastifyInstance, context: HubContext): void {
  const access = user({ verb: 'create', resource: 'objectives' });
  app.post('/api/swarm/dispatch', { config: { access } }, async (request, reply) => {
    const parsed = dispatchRequestSchema.safeParse(request.body);
    if (!parsed.success) throw badRequest(`the request is not valid: ${problemOf(parsed.error)}`);
    const namespace = namespaceOf(request, context.deps);
    const { identity } = callerOf(request);
    const placement = place(context, namespace, parsed.data);
    await requireProviders(identity.client, namespace, parsed.data.models ?? {});
    const spec: ObjectiveSpecInput = {
      directive: parsed.data.objective,
      ...(PRINTABLE_USER.test(identity.username) ? { requestedBy: identity.username } : {}),
      ...placement,
      ...seatsOf(parsed.data.models),
    };
    reply.code(201);
    return create(identity.client, namespace, spec, context.deps.randomBytes);
  });
}

function place({ access }: HubContext, namespace: string, { node_id, role }: DispatchRequest): Placement {
  if (node_id !== undefined) {
    const wagon = access.find(namespace, node_id);
    if (role !== undefined && wagon.spec?.role !== role) {
      throw badRequest(
        `wagon ${wagon.metadata.name} has the role ${wagon.spec?.role}, not ${role}: give node_id or role`,
      );
    }
    return { wagonName: wagon.metadata.name };
  }
  if (role === undefined) return {};
  access.requireSynced();
  return placeByRole(access.list(namespace), namespace, role);
}

/** @throws HubError 404 that names the roles there are. */
function placeByRole(wagons: Wagon[], namespace: string, role: string): Placement {
  const playing = wagons.filter(({ spec }) => spec?.role === role);
  const [first] = playing;
  if (!first) {
    const roles = [...new Set(wagons.map(({ spec }) => spec?.role ?? ''))].sort().join(', ') || 'none yet';
    throw notFound(`no wagon plays the role ${JSON.stringify(role)} in namespace ${namespace}: there is ${roles}`);
  }
  // A selector lets any wagon of the role take it; it needs the label, which a wagon written by hand may lack.
  const labelled = playing.every(({ metadata }) => metadata.labels?.[LABELS.role] === role);
  return labelled ? { wagonSelector: { matchLabels: { [LABELS.role]: role } } } : { wagonName: first.metadata.name };
}

function seatsOf(models: DispatchRequest['models']): Pick<ObjectiveSpecInput, 'debate'> {
  const chosen = SEATS.flatMap((seat) => {
    const provider = models?.[seat];
    return provider === undefined ? [] : [[seat, { providers: [provider] }] as const];
  });
  return chosen.length === 0 ? {} : { debate: { seats: Object.fromEntries(chosen) } };
}

/** @throws HubError 404 for the first name that is no ModelProvider. */
async function requireProviders(
  client: UserClient,
  namespace: string,
  models: NonNullable<DispatchRequest['models']>,
): Promise<void> {
  for (const name of new Set(Object.values(models))) {
    if (name === undefined || name === REHEARSAL_NAME) continue;
    if (!(await client.find(MODEL_PROVIDERS, { name, namespace }))) {
      throw notFound(
        `no ModelProvider ${JSON.stringify(name)} in namespace ${namespace}: kubectl get modelproviders lists them`,
      );
    }
  }
}

async function create(
  client: UserClient,
  namespace: string,
  spec: ObjectiveSpecInput,
  randomBytes: (size: number) => Buffer,
): Promise<Objective> {
  for (let attempt = 1; attempt <= NAME_ATTEMPTS; attempt += 1) {
    const name = objectiveName(spec.directive, randomBytes);
    try {
      // The API server fills in the defaults that the type already promises.
      const object = { apiVersion: API_VERSION, kind: 'Objective', metadata: { name, namespace }, spec } as Objective;
      return await client.create<Objective>(OBJECTIVES, object);
    } catch (error) {
      if (!(error instanceof ApiError && error.isAlreadyExists)) throw error;
    }
  }
  throw new HubError(409, 'AlreadyExists', 'no free name was found: try again');
}
