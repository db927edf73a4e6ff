import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ringmaster, startRingmaster } from '@dark-carnival/controller';
import {
  API_VERSION,
  type KubeObject,
  MODEL_PROVIDERS,
  OBJECTIVES,
  type Objective,
  type ObjectiveSpecInput,
  type ObjectiveStatus,
  type ResourceRef,
  WAGONS,
  type Wagon,
  wagonTokenSecretName,
} from '@dark-carnival/crds';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import {
  ApiError,
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  createTransport,
  KubeClient,
  SECRETS,
  type Transport,
} from '@dark-carnival/kube';
import { load } from 'js-yaml';
import { pino } from 'pino';
import { KubeWagonRegistry } from '../../controller/src/adapters/kube-wagon-registry.ts';
import type { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { openApiServer, type TestApiServer } from './api-server.ts';
import { eventually } from './eventually.ts';

const CRD_FOLDER = join(import.meta.dirname, '..', '..', 'crds', 'generated');

/** The real local engine and the real Ringmaster in this process, to be met by scripted wagons. */
export class RingmasterStack {
  readonly client: KubeClient;
  readonly #api: TestApiServer;
  readonly #transport: Transport;
  readonly #wagons: ScriptedWagon[] = [];
  ringmaster: Ringmaster | undefined;
  /** Every write of the Ringmaster but the renewals of its Lease, as `PATCH objectives/x/status`. */
  readonly writes: string[] = [];
  /** Put between Ringmaster and API server. */
  faults: (transport: Transport) => Transport = (transport) => transport;
  #counter = 0;
  readonly #clock: Clock;

  private constructor(api: TestApiServer, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
    this.#transport = createTransport(api.cluster);
    this.client = new KubeClient(this.#transport);
  }

  /**
   * Opens an API server with our CRDs, and starts a Ringmaster that leads.
   * @param clock of the Ringmaster alone
   */
  static async start(clock: Clock = systemClock): Promise<RingmasterStack> {
    const stack = new RingmasterStack(await openApiServer(), clock);
    for (const file of readdirSync(CRD_FOLDER)) {
      const crd = load(readFileSync(join(CRD_FOLDER, file), 'utf8')) as KubeObject;
      await stack.client.create(CUSTOM_RESOURCE_DEFINITIONS, crd).catch(ignoreExisting);
    }
    for (const kind of [OBJECTIVES, WAGONS, MODEL_PROVIDERS]) {
      await eventually(async () => stack.client.list(kind, { namespace: 'default' }), {
        timeoutMs: 10_000,
        what: 'the CRDs',
      });
    }
    await stack.startRingmaster();
    return stack;
  }

  get hubUrl(): string {
    return this.ringmaster?.hubUrl ?? '';
  }

  /** Makes an object of one of our kinds, as a person would. */
  create(resource: ResourceRef, name: string, spec: object): Promise<KubeObject> {
    const object = { apiVersion: API_VERSION, kind: resource.kind, metadata: { name, namespace: 'default' }, spec };
    return this.client.create<KubeObject>(resource, object);
  }

  async startRingmaster(): Promise<void> {
    this.ringmaster = await startRingmaster({
      cluster: this.#api.cluster,
      hub: { host: '127.0.0.1', port: 0, namespace: 'default' },
      identity: 'test',
      log: pino({ level: process.env['CARNIVAL_TEST_LOG'] ?? 'silent' }, pino.destination({ fd: 2, sync: true })),
      clock: this.#clock,
      backoffBaseMs: 20,
      graceMs: 500,
      throughTransport: (transport) => this.faults(recording(transport, this.writes)),
    });
    await this.ringmaster.leads;
  }

  async stopRingmaster(): Promise<void> {
    await this.ringmaster?.stop();
    this.ringmaster = undefined;
  }

  /** Declares a wagon, starts it with the token that it was given, and waits until it is Ready. */
  async join(
    wagon: ScriptedWagon,
    spec: Partial<Wagon['spec']> = {},
    labels: Record<string, string> = {},
  ): Promise<void> {
    await wagon.start();
    this.#wagons.push(wagon);
    await this.client.create<KubeObject>(WAGONS, {
      apiVersion: API_VERSION,
      kind: 'Wagon',
      metadata: { name: wagon.name, namespace: 'default', labels },
      spec: {
        nodeID: wagon.nodeID,
        role: wagon.role,
        runtime: { type: 'Process', process: { port: wagon.port } },
        ...spec,
      },
    });
    const secret = await eventually(
      async () =>
        this.client.get<KubeObject & { data: { token: string } }>(SECRETS, {
          namespace: 'default',
          name: wagonTokenSecretName(wagon.name),
        }),
      { timeoutMs: 10_000, what: `the token of ${wagon.name}` },
    );
    wagon.token = Buffer.from(secret.data.token, 'base64').toString('utf8');
    wagon.keepBeating(this.hubUrl);
    await this.wagon(wagon.name, ({ status }) => status?.phase === 'Ready');
  }

  /** Starts a wagon that came by itself, with the token that it was issued, and waits until it is Ready. */
  async admit(wagon: ScriptedWagon, spec: Partial<Wagon['spec']> = {}): Promise<void> {
    await wagon.start();
    this.#wagons.push(wagon);
    const registry = new KubeWagonRegistry(this.client, randomBytes);
    const issued = await registry.issueToken('default', wagon);
    if (issued.outcome !== 'issued') throw new Error(issued.message);
    wagon.token = issued.token;
    await registry.createWagon('default', wagon);
    const ref = { namespace: 'default', name: wagon.name };
    await this.client.patch(WAGONS, ref, { type: 'merge', body: { spec } });
    wagon.keepBeating(this.hubUrl, 200);
    await this.wagon(wagon.name, ({ status }) => status?.phase === 'Ready');
  }

  /** Creates an Objective. @returns its name. */
  async state(spec: ObjectiveSpecInput, metadata: Partial<Objective['metadata']> = {}): Promise<string> {
    this.#counter += 1;
    const name = metadata.name ?? `objective-${this.#counter}`;
    const object = {
      apiVersion: API_VERSION,
      kind: 'Objective',
      metadata: { ...metadata, name, namespace: 'default' },
      spec,
    };
    await this.client.create<KubeObject>(OBJECTIVES, object);
    return name;
  }

  get(name: string): Promise<Objective> {
    return this.client.get<Objective>(OBJECTIVES, { namespace: 'default', name });
  }

  /** Waits until an Objective is as `until` wants it. */
  async wait(
    name: string,
    until: (status: ObjectiveStatus, object: Objective) => boolean,
    what = 'the Objective',
  ): Promise<Objective> {
    let seen: Objective | undefined;
    try {
      return await eventually(
        async () => {
          seen = await this.get(name);
          return seen.status && until(seen.status, seen) ? seen : undefined;
        },
        { timeoutMs: 20_000, what, everyMs: 15 },
      );
    } catch (error) {
      throw new Error(`${what}: last seen ${JSON.stringify(seen?.status, undefined, 1)}`, { cause: error });
    }
  }

  phase(name: string, phase: ObjectiveStatus['phase']): Promise<Objective> {
    return this.wait(name, (status) => status.phase === phase, `${name} to be ${phase}`);
  }

  async wagon(name: string, until: (wagon: Wagon) => boolean): Promise<Wagon> {
    return eventually(
      async () => {
        const wagon = await this.client.get<Wagon>(WAGONS, { namespace: 'default', name });
        return until(wagon) ? wagon : undefined;
      },
      { timeoutMs: 20_000, what: `wagon ${name}`, everyMs: 25 },
    );
  }

  /** Changes mutable members of spec. */
  async patch(name: string, spec: Record<string, unknown>): Promise<Objective> {
    return this.client.patch<Objective>(OBJECTIVES, { namespace: 'default', name }, { type: 'merge', body: { spec } });
  }

  /** Answers the open question as CLI and hub do: the whole member at once. */
  async decide(
    name: string,
    decision: 'Approve' | 'Feedback' | 'Abort',
    more: Record<string, unknown> = {},
  ): Promise<Objective> {
    const { status } = await this.wait(name, (seen) => seen.approvalRequest !== undefined, `a question of ${name}`);
    const { id, planHash } = status?.approvalRequest ?? {};
    const value = { requestID: id, planHash, decision, decidedBy: 'alice', ...more };
    const operations = [{ op: 'add' as const, path: '/spec/intervention', value }];
    return this.client.patch<Objective>(OBJECTIVES, { namespace: 'default', name }, { type: 'json', operations });
  }

  async remove(name: string): Promise<void> {
    await this.client.delete(OBJECTIVES, { namespace: 'default', name });
  }

  /** Everything that tests of one file have left is taken away, so that the next begins with wagons of its own. */
  async clear(): Promise<void> {
    const { items } = await this.client.list<Objective>(OBJECTIVES, { namespace: 'default' });
    for (const { metadata } of items) {
      await this.client.delete(OBJECTIVES, metadata).catch(() => {});
    }
    await eventually(
      async () =>
        (await this.client.list(OBJECTIVES, { namespace: 'default' })).items.length === 0 ? true : undefined,
      { timeoutMs: 90_000, what: 'Objectives to be gone' },
    );
    for (const kind of [WAGONS, MODEL_PROVIDERS, SECRETS, CONFIG_MAPS]) {
      for (const { metadata } of (await this.client.list(kind, { namespace: 'default' })).items) {
        await this.client.delete(kind, metadata).catch(() => {});
      }
    }
  }

  async stop(): Promise<void> {
    // A server that goes on has to be left as it was found.
    if (!this.#api.ownedByTest) await this.clear();
    for (const wagon of this.#wagons) await wagon.die();
    await this.stopRingmaster();
    await this.#transport.close();
    await this.#api.close();
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof ApiError && error.isAlreadyExists)) throw error;
}

function recording(inner: Transport, writes: string[]): Transport {
  return {
    request: async (request) => {
      const answer = await inner.request(request);
      const path = request.path.replace(/^.*\/namespaces\/[^/]+\//, '');
      if (request.method !== 'GET' && !path.startsWith('leases')) writes.push(`${request.method} ${path}`);
      return answer;
    },
    stream: (request) => inner.stream(request),
    close: () => inner.close(),
  };
}
