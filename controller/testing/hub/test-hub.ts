import { randomBytes } from 'node:crypto';
import { type Heartbeat, type KubeObject, nodeIdToName, type Objective, type Wagon } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { aWagon } from '@dark-carnival/crds/testing';
import { createTransport, HandlerSet, KubeClient, objectKey, type ReflectorHandler, Store } from '@dark-carnival/kube';
import { HttpWagonClient } from '../../src/adapters/http-wagon-client.ts';
import { HttpWagonProxy } from '../../src/adapters/http-wagon-proxy.ts';
import { SecretJoinTokens } from '../../src/adapters/secret-join-tokens.ts';
import { WagonConnections } from '../../src/adapters/wagon-connections.ts';
import { createHub, type Hub, type HubCache, type HubDeps } from '../../src/hub/index.ts';
import type { Liveness, LivenessListener } from '../../src/ports/liveness.ts';
import type { Registration, WagonRegistry } from '../../src/ports/wagon-registry.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** A cache that a test fills. */
export class TestCache<T extends KubeObject> implements HubCache<T> {
  readonly store = new Store<T>();
  readonly #handlers = new HandlerSet<T>((error) => {
    throw error;
  });
  hasSynced = true;

  subscribe(handler: ReflectorHandler<T>): () => void {
    for (const object of this.store.values()) this.#handlers.replay(handler, object, { initial: true });
    return this.#handlers.add(handler);
  }

  staleMs(): number {
    return 0;
  }

  put(object: T): void {
    const before = this.store.get(objectKey(object));
    this.store.set(object);
    if (before) this.#handlers.updated(before, object);
    else this.#handlers.added(object, { initial: false });
  }

  remove(object: T): void {
    this.store.delete(objectKey(object));
    this.#handlers.deleted(object, { finalStateUnknown: false });
  }
}

/** Remembers heartbeats as they come; ages are what a test says. */
export class TestLiveness implements Liveness {
  readonly beats = new Map<string, Heartbeat>();
  readonly #listeners = new Set<LivenessListener>();
  ageMs = 1_200;

  record(namespace: string, name: string, heartbeat: Heartbeat): void {
    this.beats.set(`${namespace}/${name}`, heartbeat);
    for (const listener of this.#listeners) listener(namespace, name);
  }

  view(namespace: string, name: string) {
    const heartbeat = this.beats.get(`${namespace}/${name}`);
    const heardAgoMs = heartbeat ? this.ageMs : undefined;
    return { ageMs: this.ageMs, heardAgoMs, heardAt: undefined, heartbeat };
  }

  forget(namespace: string, name: string): void {
    this.beats.delete(`${namespace}/${name}`);
  }

  onChange(listener: LivenessListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export interface TestHub {
  hub: Hub;
  api: TestApi;
  wagons: TestCache<Wagon>;
  objectives: TestCache<Objective>;
  liveness: TestLiveness;
  /** Wagon tokens by name. */
  tokens: Map<string, string>;
  /** Registrations by name of the wagon. */
  registrations: Map<string, Registration>;
  lead: { leads: boolean };
  logged: string[];
  /** Asks the hub, as the person unless headers say otherwise. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export async function startTestHub(overrides: Partial<HubDeps> = {}): Promise<TestHub> {
  const api = await startTestApi();
  const wagons = new TestCache<Wagon>();
  const objectives = new TestCache<Objective>();
  const liveness = new TestLiveness();
  const tokens = new Map<string, string>();
  const registrations = new Map<string, Registration>();
  const lead = { leads: true };
  const logged: string[] = [];
  const log = (fields: Record<string, unknown>, message: string) =>
    void logged.push(JSON.stringify({ message, ...fields }));
  const clock = overrides.clock ?? systemClock;
  const connections = new WagonConnections();
  const controller = new KubeClient(createTransport(api.server.config({ identity: { token: 'controller-token' } })));
  const hub = await createHub({
    wagons,
    objectives,
    liveness,
    clientFor: (token) => new KubeClient(createTransport(api.server.config({ identity: { token } }))),
    tokens: {
      tokenOf: async (_namespace, wagon) => tokens.get(wagon),
      verify: async (_namespace, wagon, presented) => tokens.get(wagon) === presented,
      isOfSelfRegistered: async (_namespace, wagon) => registrations.has(wagon),
    },
    registry: testRegistry(registrations, wagons),
    joinTokens: new SecretJoinTokens({ client: controller, clock, random: Math.random, randomBytes }),
    proxy: new HttpWagonProxy(connections, clock),
    wagonClient: new HttpWagonClient({ connections, clock, random: Math.random, deadlinesMs: { probe: 500 } }),
    leadership: { isLeader: () => lead.leads, leaderEpoch: () => 7 },
    clock,
    random: Math.random,
    randomBytes,
    logger: { info: log, warn: log, error: log },
    namespace: 'default',
    host: '127.0.0.1',
    port: 0,
    ...overrides,
  });
  await hub.listen();
  return {
    hub,
    api,
    wagons,
    objectives,
    liveness,
    tokens,
    registrations,
    lead,
    logged,
    ask: (path, init = {}) =>
      fetch(`${hub.url}${path}`, {
        redirect: 'manual',
        ...init,
        headers: { authorization: 'Bearer person-token', ...init.headers },
      }),
    close: async () => {
      await hub.close();
      await connections.destroy();
      await api.close();
    },
  };
}

/** Knows the registrations that a test fills in, and puts the objects that it makes into the cache. */
function testRegistry(registrations: Map<string, Registration>, wagons: TestCache<Wagon>): WagonRegistry {
  return {
    registrationOf: async (_namespace, wagon) => registrations.get(wagon),
    issueToken: async () => ({ outcome: 'invalid', message: 'the test issues no tokens' }),
    createWagon: async (namespace, { nodeID, role }) => {
      const name = nodeIdToName(nodeID);
      wagons.put(aWagon({ metadata: { name, namespace }, spec: { nodeID, role } }));
      return { outcome: 'created', wagon: name };
    },
  };
}

/** Reads frames of a stream one after the other. */
export class StreamReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(response: Response) {
    if (!response.body) throw new Error('the answer has no body');
    this.#chunks = response.body[Symbol.asyncIterator]();
  }

  /** The next frame that is no comment; undefined at the end. */
  async next(): Promise<{ event: string; id: string; data: unknown } | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('\n\n');
      if (end >= 0) {
        const block = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 2);
        const fields = new Map(
          block.split('\n').map((line) => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
        );
        const data = fields.get('data');
        if (data !== undefined)
          return { event: fields.get('event') ?? '', id: fields.get('id') ?? '', data: JSON.parse(data) };
        continue;
      }
      const { done, value } = await this.#chunks.next();
      if (done) return undefined;
      this.#rest += this.#decoder.decode(value, { stream: true });
    }
  }

  /** The next frame that fits. */
  async until(
    fits: (frame: { event: string; id: string; data: unknown }) => boolean,
  ): Promise<{ event: string; id: string; data: unknown }> {
    for (;;) {
      const frame = await this.next();
      if (!frame) throw new Error('the stream ended');
      if (fits(frame)) return frame;
    }
  }
}
