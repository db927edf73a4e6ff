import type { KubeObject } from '@dark-carnival/crds';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import {
  type ClusterConfig,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEFAULT_TIMEOUTS,
  HttpTransport,
  KubeClient,
  RetryingTransport,
  staticCredentials,
  type Transport,
} from '@dark-carnival/kube';
import { type LocalServer, startLocalServer } from '../start-local-server.ts';
import { Faults } from './faults.ts';
import { InProcessLine } from './in-process-line.ts';
import type { Rule } from './rule.ts';
import { seeded, uuids } from './seeded.ts';

export interface SimulatorOptions {
  /** Decides faults, uids, generated names and jitter. */
  seed: number;
  /** Default: the real time. With a fake clock nothing happens by itself. */
  clock?: Clock;
  /** CustomResourceDefinitions that are served from the start. */
  crds?: readonly KubeObject[];
  /** Mean time between bookmarks of a watch, milliseconds; default 60,000. */
  bookmarkIntervalMs?: number;
}

export interface TransportOptions {
  /** Whether failures are tried again as every client here does. Default true; the faults happen below. */
  retries?: boolean;
}

/** The real API server, in memory, on a clock and a seed of the test's. */
export interface Simulator {
  readonly seed: number;
  readonly clock: Clock;
  /** For processes and clients that come over a socket: what they do is real, but not in the order of the seed. */
  readonly cluster: ClusterConfig;
  /** For looking at the store itself. */
  readonly server: LocalServer;
  /** Things that go wrong between a client and this server. */
  faults(rules: readonly Rule[]): Faults;
  /** A client's way to the server, inside this process. */
  transport(faults?: Faults, options?: TransportOptions): Transport;
  /** A client for which nothing goes wrong: the test's own hands and eyes. */
  readonly client: KubeClient;
  /** Forgets all history, now. */
  compact(): void;
  /** Resolves when all that can happen without time has happened. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Turns of the event loop in which nothing has to happen until it counts as rest. A request needs one or two. */
const TURNS_OF_REST = 8;

/** Starts a simulator. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { seed, clock = systemClock, crds = [], bookmarkIntervalMs } = options;
  const token = 'simulator';
  const server = await startLocalServer({
    store: 'memory',
    token,
    clock,
    random: seeded(seed),
    newUid: uuids(seeded(~seed)),
    ...(bookmarkIntervalMs === undefined ? {} : { bookmarkIntervalMs }),
  });
  const cluster: ClusterConfig = {
    source: 'simulator',
    contextName: 'simulator',
    server: server.url,
    namespace: 'default',
    credentials: staticCredentials({ token }),
    insecureSkipTlsVerify: false,
  };
  const activity = { count: 0 };
  const line = new InProcessLine((connection) => server.accept(connection), server.url);
  const direct = noting(
    new HttpTransport(cluster, { clock, pools: line, timeouts: DEFAULT_TIMEOUTS, userAgent: 'simulator' }),
    activity,
  );
  const transport: Simulator['transport'] = (faults, { retries = true } = {}) => {
    const faulty = faults?.through(direct) ?? direct;
    return retries ? new RetryingTransport(faulty, { clock, random: seeded(seed) }) : faulty;
  };
  const client = new KubeClient(direct);
  for (const crd of crds) await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
  return {
    seed,
    clock,
    cluster,
    server,
    faults: (rules) => new Faults(rules, { seed, clock, compact: () => server.compact() }),
    transport,
    client,
    compact: () => server.compact(),
    settle: () => settle(() => activity.count + server.store.revision),
    close: async () => {
      await line.destroy();
      await server.close();
    },
  };
}

async function settle(progress: () => number): Promise<void> {
  let seen = progress();
  for (let quiet = 0; quiet < TURNS_OF_REST; quiet += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (progress() !== seen) quiet = 0;
    seen = progress();
  }
}

/** Counts what comes and goes. */
function noting(inner: Transport, activity: { count: number }): Transport {
  const noted = async <T>(done: Promise<T>) => {
    activity.count += 1;
    return done.finally(() => (activity.count += 1));
  };
  return {
    request: (request) => noted(inner.request(request)),
    stream: async (request) => {
      const stream = await noted(inner.stream(request));
      return { ...stream, lines: notingLines(stream.lines, activity) };
    },
    close: () => inner.close(),
  };
}

async function* notingLines(lines: AsyncIterable<string>, activity: { count: number }): AsyncIterable<string> {
  for await (const line of lines) {
    activity.count += 1;
    yield line;
  }
}
