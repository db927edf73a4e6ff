import {
  errorBodySchema,
  type Heartbeat,
  type HeartbeatAnswer,
  heartbeatAnswerSchema,
  heartbeatSchema,
  isLoopbackHost,
  isLoopbackUrl,
  isSelfRegistered,
  LEASE_SECONDS,
  nodeIdToName,
  type Wagon,
} from '@dark-carnival/crds';
import type { HubContext } from './hub-context.ts';
import { badRequest, HubError, unavailable } from './hub-error.ts';
import { refuseGuess } from './security/authenticator.ts';
import { problemOf } from './zod-problem.ts';

/** A heartbeat as it came, from a wagon or from another replica. */
export interface HeartbeatRequest {
  namespace: string;
  body: unknown;
  token: string | undefined;
  /** Of the peer: guesses of tokens are counted by it. */
  remoteAddress: string;
}

/** A heartbeat whose sender has proved to be the wagon. */
export interface AdmittedHeartbeat {
  namespace: string;
  /** metadata.name */
  name: string;
  heartbeat: Heartbeat;
  token: string;
  /** Undefined where the object of a wagon that registered itself is gone: its token outlives it. */
  wagon: Wagon | undefined;
}

/** Takes heartbeats: who sends one, whether there is only one of it, and what the leader answers. */
export class HeartbeatDesk {
  readonly #context: Pick<HubContext, 'deps' | 'access' | 'authenticator'>;

  constructor(context: Pick<HubContext, 'deps' | 'access' | 'authenticator'>) {
    this.#context = context;
  }

  /** @throws HubError 400, 401, 404, 409, 429 or 503. */
  async admit({ namespace, body, token, remoteAddress }: HeartbeatRequest): Promise<AdmittedHeartbeat> {
    const { access, deps } = this.#context;
    const parsed = heartbeatSchema.safeParse(body);
    if (!parsed.success) throw badRequest(`the heartbeat is not valid: ${problemOf(parsed.error)}`);
    access.requireSynced();
    const heartbeat = parsed.data;
    refuseOurLoopback(heartbeat, remoteAddress);
    const name = nodeIdToName(heartbeat.nodeID);
    const wagon = deps.wagons.store.get(`${namespace}/${name}`);
    const spoken = { namespace, name, heartbeat, token: token ?? '', wagon };
    await (wagon ? this.#checkToken(spoken, wagon, remoteAddress) : this.#checkRegistration(spoken, remoteAddress));
    return spoken;
  }

  /** What the leader does with a heartbeat. @throws HubError 409, or 503 where this replica does not lead. */
  async record({ namespace, name, heartbeat, wagon }: AdmittedHeartbeat): Promise<HeartbeatAnswer> {
    const { leadership, liveness } = this.#context.deps;
    if (!leadership.isLeader()) throw notLeader();
    if (wagon) await this.#refuseDuplicate(wagon, heartbeat);
    else await this.#registerAgain(namespace, heartbeat);
    liveness.record(namespace, name, heartbeat);
    const leaderEpoch = leadership.leaderEpoch();
    return { wagon: name, namespace, leaseSeconds: LEASE_SECONDS, leaderEpoch };
  }

  /** What any other replica does with it: the leader is asked, once. @throws HubError in the leader's words, or 503. */
  async relay({ namespace, heartbeat, token }: AdmittedHeartbeat): Promise<HeartbeatAnswer> {
    const outcome = await this.#context.deps.relay?.heartbeat({ namespace, heartbeat, token });
    if (outcome?.outcome !== 'answered') throw notLeader();
    const answer = outcome.status === 200 ? heartbeatAnswerSchema.safeParse(outcome.body).data : undefined;
    if (answer) return answer;
    const refusal = errorBodySchema.safeParse(outcome.body).data?.error;
    if (!refusal || outcome.status < 400) throw notLeader();
    const wait = outcome.retryAfterSeconds;
    const headers = wait === undefined ? {} : { 'retry-after': String(wait) };
    throw new HubError(outcome.status, refusal.code, refusal.message, headers);
  }

  async #checkToken({ namespace, name, heartbeat, token }: AdmittedHeartbeat, wagon: Wagon, remoteAddress: string) {
    const { tokens } = this.#context.deps;
    const known = wagon.spec?.nodeID ?? name;
    if (heartbeat.nodeID !== known && heartbeat.nodeID !== name) throw otherSpelling(name, known, heartbeat.nodeID);
    // Per wagon: one with an old token must not lock its neighbours out, which have the same address on one machine.
    const isOwn = await this.#guarded(`wagon ${namespace}/${name} ${remoteAddress}`, () =>
      tokens.verify(namespace, name, token),
    );
    if (!isOwn) {
      throw new HubError(401, 'Unauthorized', `the token is not that of Wagon ${name}: it is in Secret ${name}-token`, {
        'www-authenticate': 'Bearer realm="dark-carnival"',
      });
    }
    if (isSelfRegistered(wagon.metadata.labels)) return;
    if (!(await asked(tokens.isOfSelfRegistered(namespace, name)))) return;
    throw new HubError(
      409,
      'NameTaken',
      `somebody has declared a Wagon ${name} after this one had joined: choose another NODE_ID and join again`,
    );
  }

  /** A wagon without an object may be one that registered itself and was evicted. @throws HubError 404 where it is not. */
  async #checkRegistration({ namespace, name, heartbeat, token }: AdmittedHeartbeat, remoteAddress: string) {
    const { tokens, registry } = this.#context.deps;
    const { nodeID } = heartbeat;
    if (token === '') throw unknownNode(namespace, name, nodeID);
    // By address alone: whoever makes names up asks for another Secret each time.
    const isOwn = await this.#guarded(`unknown wagon ${remoteAddress}`, () => tokens.verify(namespace, name, token));
    const registration = isOwn ? await asked(registry.registrationOf(namespace, name)) : undefined;
    if (!registration) throw unknownNode(namespace, name, nodeID);
    const known = registration.nodeID;
    if (nodeID !== known && nodeID !== name) throw otherSpelling(name, known, nodeID);
  }

  async #guarded(caller: string, verify: () => Promise<boolean>): Promise<boolean> {
    const { guesses } = this.#context.authenticator;
    refuseGuess(guesses, caller);
    const good = await asked(verify());
    if (good) guesses.succeeded(caller);
    return good;
  }

  async #registerAgain(namespace: string, { nodeID }: Heartbeat): Promise<void> {
    const { registry, logger } = this.#context.deps;
    const name = nodeIdToName(nodeID);
    const registration = await asked(registry.registrationOf(namespace, name));
    const outcome = registration && (await registry.createWagon(namespace, registration));
    if (outcome?.outcome === 'taken') throw new HubError(409, 'NameTaken', outcome.message);
    if (outcome?.outcome === 'created') logger.info({ Wagon: `${namespace}/${name}` }, 'A wagon is back');
    if (outcome?.outcome !== 'created' && outcome?.outcome !== 'exists') throw unknownNode(namespace, name, nodeID);
  }

  /**
   * Two processes with one name and token: the one that came first keeps it for as long as it answers. One that moved or was started again does not, so
   * nothing is in its way.
   * @throws HubError 409, upon which the wagon gives up its lease.
   */
  async #refuseDuplicate({ metadata, spec, status }: Wagon, heartbeat: Heartbeat): Promise<void> {
    const { liveness, wagonClient } = this.#context.deps;
    const { namespace = '', name } = metadata;
    const last = liveness.view(namespace, name).heartbeat;
    const known = last?.instanceID ?? status?.instanceID;
    if (known === undefined || known === heartbeat.instanceID) return;
    const isFixed = spec?.runtime.type === 'Process' || spec?.runtime.external?.url !== undefined;
    const { address, tlsFingerprint } = (isFixed ? undefined : last) ?? status ?? {};
    if (address === undefined) return;
    const probe = await wagonClient.probe({ address, tlsFingerprint });
    if (probe.outcome !== 'alive' || probe.instanceID !== known) return;
    throw new HubError(
      409,
      'DuplicateIdentity',
      `another process is ${heartbeat.nodeID} and still answers at ${address}: stop it, or start this one with another NODE_ID and token`,
    );
  }
}

/**
 * Loopback is safe to send keys to, since nobody else is there; but it is ours, and not that of a wagon elsewhere, which could so point us at anything that
 * listens on this machine.
 * @throws HubError 400
 */
function refuseOurLoopback({ address }: Heartbeat, remoteAddress: string): void {
  if (!isLoopbackUrl(address) || isLoopbackHost(remoteAddress)) return;
  throw badRequest(
    `${address} is this machine, and not yours: set HOST or CARNIVAL_ADVERTISE_URL to where you are reached`,
  );
}

const notLeader = (): HubError =>
  unavailable(
    'NotLeader',
    'this Ringmaster does not lead now, and the one that does cannot be asked: try again shortly',
  );

const otherSpelling = (name: string, known: string, nodeID: string): HubError =>
  new HubError(
    409,
    'NodeIDTaken',
    `Wagon ${name} is ${known}: ${nodeID} would have the same name, choose another NODE_ID`,
  );

const unknownNode = (namespace: string, name: string, nodeID: string): HubError =>
  new HubError(
    404,
    'UnknownNode',
    `no Wagon ${name || JSON.stringify(nodeID)} in namespace ${namespace}: create it first (kubectl apply, or carnival up --wagons), and start the wagon with its token`,
  );

async function asked<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch {
    throw unavailable('ApiUnreachable', 'the Kubernetes API cannot be asked for the token: try again shortly');
  }
}
