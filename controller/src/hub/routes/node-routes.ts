import { heartbeatAnswerSchema, heartbeatSchema, LEASE_SECONDS, nodeIdToName, type Wagon } from '@dark-carnival/crds';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type HubContext, namespaceOf, user, WAGON } from '../hub-context.ts';
import { badRequest, HubError, unavailable } from '../hub-error.ts';
import { bearerOf, refuseGuess } from '../security/authenticator.ts';
import { nodeView } from '../views/node-view.ts';
import { problemOf } from '../zod-problem.ts';

/** Heartbeats of wagons, and the list of wagons. */
export function nodeRoutes(app: FastifyInstance, context: HubContext): void {
  const { deps, access } = context;

  app.post('/api/nodes/register', { config: { access: WAGON } }, async (request) => {
    requireLeader(context);
    const namespace = namespaceOf(request, deps);
    const parsed = heartbeatSchema.safeParse(request.body);
    if (!parsed.success) throw badRequest(`the heartbeat is not valid: ${problemOf(parsed.error)}`);
    const wagon = wagonThatSpeaks(context, namespace, parsed.data.nodeID);
    await requireWagonToken(request, context, wagon);
    deps.liveness.record(namespace, wagon.metadata.name, parsed.data);
    return heartbeatAnswerSchema.parse({
      wagon: wagon.metadata.name,
      namespace,
      leaseSeconds: LEASE_SECONDS,
      leaderEpoch: deps.leadership.leaderEpoch(),
    });
  });

  app.get('/api/nodes', { config: { access: user({ verb: 'list', resource: 'wagons' }) } }, async (request) => {
    const namespace = namespaceOf(request, deps);
    access.requireSynced();
    return access.list(namespace).map((wagon) => nodeView(wagon, deps.liveness.view(namespace, wagon.metadata.name)));
  });
}

/** Only the leader keeps last-seen and grants leases. @throws HubError 503 */
function requireLeader({ deps }: HubContext): void {
  if (deps.leadership.isLeader()) return;
  throw unavailable('NotLeader', 'this Ringmaster does not lead now: try again, or another replica');
}

/** @throws HubError 404 for a wagon that nobody declared, 409 for another spelling of a name that is taken. */
function wagonThatSpeaks({ access, deps }: HubContext, namespace: string, nodeID: string): Wagon {
  access.requireSynced();
  const name = nodeIdToName(nodeID);
  const wagon = deps.wagons.store.get(`${namespace}/${name}`);
  if (!wagon) {
    throw new HubError(
      404,
      'UnknownNode',
      `no Wagon ${name || JSON.stringify(nodeID)} in namespace ${namespace}: create it first (kubectl apply, or carnival up --wagons), and start the wagon with its token`,
    );
  }
  const known = wagon.spec?.nodeID ?? name;
  if (nodeID === known || nodeID === name) return wagon;
  throw new HubError(
    409,
    'NodeIDTaken',
    `Wagon ${name} is ${known}: ${nodeID} would have the same name, choose another NODE_ID`,
  );
}

async function requireWagonToken(
  request: FastifyRequest,
  { deps, authenticator }: HubContext,
  wagon: Wagon,
): Promise<void> {
  const token = bearerOf(request.headers);
  const { name, namespace = '' } = wagon.metadata;
  // Per wagon: one with an old token must not lock its neighbours out, which have the same address on one machine.
  const caller = `wagon ${namespace}/${name} ${request.socket.remoteAddress ?? ''}`;
  refuseGuess(authenticator.guesses, caller);
  const good = token !== undefined && (await verified(deps.tokens.verify(namespace, name, token)));
  if (!good) {
    throw new HubError(401, 'Unauthorized', `the token is not that of Wagon ${name}: it is in Secret ${name}-token`, {
      'www-authenticate': 'Bearer realm="dark-carnival"',
    });
  }
  authenticator.guesses.succeeded(caller);
}

async function verified(verifying: Promise<boolean>): Promise<boolean> {
  try {
    return await verifying;
  } catch {
    throw unavailable('ApiUnreachable', 'the Kubernetes API cannot be asked for the token: try again shortly');
  }
}
