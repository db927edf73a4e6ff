import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { FIELD_MANAGERS, type KubeObject, LEADER_LEASE } from '@dark-carnival/crds';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import {
  type ClusterConfig,
  createTransport,
  KubeClient,
  type Reflector,
  staticCredentials,
  type Transport,
} from '@dark-carnival/kube';
import { Secrets, type TraceSettings } from '@dark-carnival/telemetry';
import { CachedDaySpending } from './adapters/cached-day-spending.ts';
import { ElectedLeadership } from './adapters/elected-leadership.ts';
import { HttpLeaderForward } from './adapters/http-leader-forward.ts';
import { HttpWagonClient } from './adapters/http-wagon-client.ts';
import { HttpWagonProxy } from './adapters/http-wagon-proxy.ts';
import { InMemoryLiveness } from './adapters/in-memory-liveness.ts';
import { type InternalPort, openInternalPort } from './adapters/internal-port.ts';
import { KubeWagonRegistry } from './adapters/kube-wagon-registry.ts';
import { ReachedAt, readLeader } from './adapters/leader-address.ts';
import { rememberSecrets } from './adapters/remembered-secrets.ts';
import { SecretCredentials } from './adapters/secret-credentials.ts';
import { SecretJoinTokens } from './adapters/secret-join-tokens.ts';
import { SecretWagonTokens } from './adapters/secret-wagon-tokens.ts';
import { WagonConnections } from './adapters/wagon-connections.ts';
import { openCaches } from './caches.ts';
import { createHub, type Hub, type HubLan, type HubLogger } from './hub/index.ts';
import { createModelProviderController } from './kinds/model-provider/index.ts';
import { createObjectiveController } from './kinds/objective/index.ts';
import { createWagonController } from './kinds/wagon/index.ts';
import { ControlPlane } from './runtime/control-plane.ts';
import { EventRecorder } from './runtime/event-recorder.ts';
import { FencedTransport } from './runtime/fenced-transport.ts';
import { LeaderElection } from './runtime/leader-election.ts';
import type { LeaderIdentity } from './runtime/lease.ts';
import { type PinoLike, pinoLogger } from './runtime/logger.ts';
import { measureFleet } from './telemetry/fleet-metrics.ts';
import { measureControllers } from './telemetry/reconcile-metrics.ts';
import { RingmasterTelemetry } from './telemetry/ringmaster-telemetry.ts';

export interface RingmasterOptions {
  cluster: ClusterConfig;
  /** Undefined: all namespaces. */
  namespace?: string | undefined;
  hub: { host: string; port: number; namespace: string; lan?: HubLan | undefined };
  /**
   * Where other replicas pass heartbeats on to this one while it leads. Off loopback it speaks https with a certificate made at this start, whose fingerprint is
   * on the election Lease. Default: loopback, any free port.
   */
  internal?: { host: string; port: number } | undefined;
  /** Stays over restarts, and only one process at a time has it. */
  identity?: string | undefined;
  log: PinoLike & HubLogger;
  /** What the log leaves out: every Secret that is read is added. */
  secrets?: Secrets;
  /** Where spans go; absent: nowhere. */
  trace?: TraceSettings | undefined;
  clock?: Clock;
  random?: () => number;
  /** Wait of an Objective after a first failed attempt, doubled by each further one. */
  backoffBaseMs?: number;
  /** How long reconciles may finish in peace at the stop. Default 5,000 ms. */
  graceMs?: number;
  /** Put between the controllers and the API server: faults and counts of tests. */
  throughTransport?: (transport: Transport) => Transport;
}

/** A running controller with its hub. */
export interface Ringmaster {
  hubUrl: string;
  /** How others reach the hub, and know it; undefined where it is on loopback alone. */
  lan: { url: string; fingerprint: string } | undefined;
  /** Resolves once this process leads for the first time. */
  leads: Promise<void>;
  /** Lets reconciles finish, gives the Lease back, closes everything. */
  stop(): Promise<void>;
}

/**
 * Shorter than client-go's 15 and 10 s. A leader that is killed is succeeded after 11 s and two looks of a candidate (1.2 s each) at the latest; a wagon that was
 * about to send its heartbeat then (11 s after the last) has 0.6 s of its lease of 25 s left.
 */
const ELECTION = { leaseDurationMs: 11_000, renewDeadlineMs: 8_000 };

const VERSION = '0.1.0';

/** Namespace of the election Lease where all namespaces are looked after. */
const LEASE_NAMESPACE = 'default';

/**
 * Puts the parts together and starts them. The hub listens first: its port is what makes the default identity unique on a host, so a controller that was
 * killed is succeeded at once.
 * @throws the error of the hub's socket, such as EADDRINUSE.
 */
export async function startRingmaster(options: RingmasterOptions): Promise<Ringmaster> {
  const parts = createParts(options);
  await traceParts(parts, options);
  const { promise: leads, resolve: onLeading } = Promise.withResolvers<void>();
  const internal = await openInternalPort(options.internal, parts.clock.now());
  const controlPlane = createControlPlane(parts, options, onLeading);
  parts.leadership.follow(controlPlane.election);
  const hub = await createRingmasterHub(parts, options, internal);
  try {
    await hub.listen();
    if (hub.internalUrl) parts.reachedAt.set({ url: hub.internalUrl, fingerprint: internal.tls?.fingerprint });
  } catch (error) {
    await closeParts(parts, hub);
    throw error;
  }
  void controlPlane.start();
  return {
    hubUrl: hub.url,
    lan: hub.lan,
    leads,
    stop: async () => {
      await controlPlane.stop();
      await closeParts(parts, hub);
    },
  };
}

type Parts = ReturnType<typeof createParts>;

/** What controllers and hub share. */
function createParts(options: RingmasterOptions) {
  const { cluster, log, namespace, clock = systemClock, random = Math.random, secrets = new Secrets() } = options;
  const logger = pinoLogger(log);
  const leadership = new ElectedLeadership();
  const { throughTransport = (direct) => direct } = options;
  const transport = throughTransport(createTransport(cluster, { clock, random }));
  const clientOptions = { fieldManager: FIELD_MANAGERS.controller, clock };
  const unfenced = new KubeClient(transport, clientOptions);
  const client = new KubeClient(new FencedTransport(transport, () => leadership.isLeader()), clientOptions);
  const identity = identityOf(options);
  const telemetry = new RingmasterTelemetry(clock);
  const secretReader = rememberSecrets(unfenced, secrets);
  // Files that people fetch must not hold up orders to the same wagon.
  const connections = { orders: new WagonConnections(), people: new WagonConnections() };
  const caches = openCaches(unfenced, { namespace, clock, random, logger });
  return {
    ...caches,
    spending: new CachedDaySpending({ ...caches, client, clock }),
    reachedAt: new ReachedAt(hostname()),
    relay: new HttpLeaderForward({ leader: () => readLeader(leadership.otherLeader(), hostname()), clock }),
    events: new EventRecorder({
      client,
      reporter: { component: FIELD_MANAGERS.controller, instance: identity.instance },
      clock,
      logger,
    }),
    wagonClient: new HttpWagonClient({
      connections: connections.orders,
      clock,
      random,
      isSampled: telemetry.isSampled,
    }),
    tokens: new SecretWagonTokens(secretReader, clock),
    registry: new KubeWagonRegistry(unfenced, randomBytes),
    joinTokens: new SecretJoinTokens({ client: unfenced, clock, random, randomBytes }),
    credentials: new SecretCredentials(secretReader, clock),
    liveness: new InMemoryLiveness(clock),
    ...{ telemetry, secrets, observer: telemetry.observer },
    ...{ client, unfenced, transport, leadership, identity, connections, clock, random, logger, randomBytes },
  };
}

function createControlPlane(parts: Parts, options: RingmasterOptions, onLeading: () => void): ControlPlane {
  const { objectives, wagons, providers, defaults, liveness, logger, identity, clock, random } = parts;
  const { backoffBaseMs, graceMs = 5_000 } = options;
  const controllers = [
    createWagonController(parts),
    createModelProviderController(parts),
    createObjectiveController({ ...parts, ...(backoffBaseMs === undefined ? {} : { backoffBaseMs }) }),
  ];
  const { meter } = parts.telemetry;
  measureControllers(meter, controllers);
  measureFleet(meter, { objectives, wagons, isLeader: () => parts.leadership.isLeader() });
  return new ControlPlane({
    reflectors: [objectives, wagons, providers, defaults] as unknown as readonly Reflector<KubeObject>[],
    controllers,
    elect: ({ onStarted, onStopped }) =>
      new LeaderElection({
        client: parts.unfenced,
        namespace: options.namespace ?? LEASE_NAMESPACE,
        leaseName: LEADER_LEASE,
        annotations: () => parts.reachedAt.annotations,
        ...ELECTION,
        onStarted: (epoch) => {
          // Heartbeats went to somebody else before: nobody is late yet.
          liveness.beginGrace();
          onStarted(epoch);
          onLeading();
        },
        onStopped,
        ...{ identity, clock, random, logger },
      }),
    logger,
    graceMs,
  });
}

function createRingmasterHub(
  parts: Parts,
  { cluster, hub, log }: RingmasterOptions,
  internal: InternalPort,
): Promise<Hub> {
  const { clock, random, connections } = parts;
  // The person's token alone: no client certificate, no token of ours.
  const credentialsOf = (token: string) => {
    const { ca } = cluster.credentials.current();
    return staticCredentials({ token, ...(ca === undefined ? {} : { ca }) });
  };
  return createHub({
    ...parts,
    ...hub,
    internal,
    metrics: parts.telemetry.meter,
    clientFor: (token) =>
      new KubeClient(createTransport({ ...cluster, credentials: credentialsOf(token) }, { clock, random }), { clock }),
    proxy: new HttpWagonProxy(connections.people, clock),
    logger: log,
  });
}

/** Words of the collector's credentials are secrets like any other, and so is the token that the API server knows us by. */
async function traceParts(
  { telemetry, secrets, logger, identity }: Parts,
  { trace, cluster }: RingmasterOptions,
): Promise<void> {
  const { token } = cluster.credentials.current();
  secrets.add([...Object.values(trace?.headers ?? {}), ...(token === undefined ? [] : [token])]);
  await telemetry.trace(trace, {
    sender: { service: 'dark-carnival-ringmaster', version: VERSION, instance: identity.instance },
    scrub: secrets.scrub,
    onExport: (fault) =>
      fault === undefined
        ? logger.info('Spans arrive again')
        : logger.warn('Spans do not arrive: said once, until they do again', { fault }),
  });
}

async function closeParts(
  { events, liveness, connections, transport, relay, telemetry }: Parts,
  hub: Hub,
): Promise<void> {
  await hub.close();
  await Promise.all([events.flush(), telemetry.stop()]);
  liveness.close();
  await Promise.all([connections.orders.destroy(), connections.people.destroy(), relay.close(), transport.close()]);
}

/** Nobody else on this host can listen on the hub's port, so host and port are an identity; with any free port they are not. */
function identityOf({ identity, hub }: RingmasterOptions): LeaderIdentity {
  const instance = randomUUID();
  const own = hub.port === 0 ? instance : `${hostname()}:${hub.port}`;
  return { stable: identity ?? own, instance };
}
