import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  API_VERSION,
  type KubeObject,
  MODEL_PROVIDERS,
  nodeIdToName,
  WAGONS,
  type Wagon,
  wagonTokenSecretName,
} from '@dark-carnival/crds';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  createTransport,
  KubeClient,
  loadKubeconfig,
  SECRETS,
  type Secret,
  type Transport,
} from '@dark-carnival/kube';
import { load } from 'js-yaml';
import { eventually } from '../../harness/eventually.ts';
import { freePort } from '../../harness/free-port.ts';
import { CountingModel, MODELS } from './counting-model.ts';
import { Link } from './link.ts';
import { Victim } from './victim.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const NODE_IDS = ['LXC-ONE', 'LXC-TWO', 'LXC-THREE'];

export interface FleetWagon {
  readonly victim: Victim;
  readonly name: string;
  readonly dataFolder: string;
  /** From the controller to the wagon. */
  readonly orders: Link;
  /** From the wagon to the hub. */
  readonly beats: Link;
}

/** API server, controller and three wagons, each a real process of its own, with a link that can be cut between each two that talk. */
export class Fleet {
  readonly folder = mkdtempSync(join(tmpdir(), 'carnival-fleet-'));
  readonly wagons: FleetWagon[] = [];
  readonly model: CountingModel;
  readonly api: Victim;
  controller: Victim | undefined;
  readonly #links: Link[] = [];
  #transport: Transport | undefined;
  #apiLink: Link | undefined;

  private constructor(model: CountingModel, apiPort: number) {
    this.model = model;
    const args = ['--data', join(this.folder, 'api'), '--port', String(apiPort)];
    this.api = this.#victim('api', join(ROOT, 'local', 'src', 'serve.ts'), args);
  }

  static async start(seed: number, slowestMs: number): Promise<Fleet> {
    const apiPort = await freePort();
    const fleet = new Fleet(await CountingModel.open(seed, slowestMs), apiPort);
    try {
      await fleet.#startAll(apiPort);
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  /** The test's own hands: past all links, and patient while the API server is away. */
  get client(): KubeClient {
    if (!this.#transport) throw new Error('the fleet was not started');
    return new KubeClient(this.#transport);
  }

  /** From the controller to the API server. */
  get apiLink(): Link {
    if (!this.#apiLink) throw new Error('the fleet was not started');
    return this.#apiLink;
  }

  get victims(): Victim[] {
    return [this.api, ...(this.controller ? [this.controller] : []), ...this.wagons.map(({ victim }) => victim)];
  }

  async stop(): Promise<void> {
    for (const victim of this.victims.reverse()) {
      victim.thaw();
      await victim.kill();
    }
    await this.#transport?.close();
    await Promise.all(this.#links.map((link) => link.close()));
    await this.model.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #startAll(apiPort: number): Promise<void> {
    const { kubeconfig } = (await this.api.start()) as { kubeconfig: string };
    this.#transport = createTransport(loadKubeconfig({ path: kubeconfig, env: {} }));
    const crdFolder = join(ROOT, 'crds', 'generated');
    for (const file of readdirSync(crdFolder)) {
      await this.client.create(
        CUSTOM_RESOURCE_DEFINITIONS,
        load(readFileSync(join(crdFolder, file), 'utf8')) as KubeObject,
      );
    }
    this.#apiLink = await this.#link(apiPort);
    const through = join(this.folder, 'kubeconfig');
    writeFileSync(through, readFileSync(kubeconfig, 'utf8').replaceAll(`:${apiPort}`, `:${this.#apiLink.port}`), {
      mode: 0o600,
    });
    for (const model of MODELS) await this.#provide(model);
    const hubPort = await freePort();
    const args = [
      '--kubeconfig',
      through,
      '--hub-port',
      String(hubPort),
      '--identity',
      'fleet',
      '--internal-port',
      '0',
    ];
    this.controller = this.#victim('controller', join(ROOT, 'controller', 'src', 'main.ts'), args, {
      CARNIVAL_LOG_LEVEL: 'warn',
    });
    await this.controller.start();
    for (const nodeID of NODE_IDS) this.wagons.push(await this.#wagon(nodeID, hubPort));
    await eventually(() => this.#ready(), { timeoutMs: 60_000, what: 'the wagons to be Ready' }).catch(
      async (error: unknown) => {
        const { items } = await this.client.list<Wagon>(WAGONS, { namespace: 'default' });
        const logs = this.victims.map(({ name, log }) => `${name}: ${log.slice(-1500)}`);
        throw new Error([JSON.stringify(items.map(({ status }) => status)), ...logs].join('\n'), { cause: error });
      },
    );
  }

  /** Every wagon reaches every model. */
  async #ready(): Promise<true | undefined> {
    const { items } = await this.client.list<Wagon>(WAGONS, { namespace: 'default' });
    const usable = items.filter(({ status }) => {
      const healthy =
        status?.providers?.filter((provider) => provider.healthy === 'True').map(({ name }) => name) ?? [];
      return status?.phase === 'Ready' && MODELS.every((model) => healthy.includes(model));
    });
    return usable.length === NODE_IDS.length ? true : undefined;
  }

  async #wagon(nodeID: string, hubPort: number): Promise<FleetWagon> {
    const name = nodeIdToName(nodeID);
    const port = await freePort();
    const [orders, beats] = [await this.#link(port), await this.#link(hubPort)];
    const runtime = { type: 'External', external: { url: orders.url } };
    const metadata = { name, namespace: 'default' };
    await this.client.create<KubeObject>(WAGONS, {
      apiVersion: API_VERSION,
      kind: 'Wagon',
      metadata,
      spec: { nodeID, role: 'CORE', runtime, maxConcurrentJobs: 4 },
    });
    const ref = { namespace: 'default', name: wagonTokenSecretName(name) };
    const secret = await eventually(async () => this.client.find<Secret>(SECRETS, ref), {
      timeoutMs: 20_000,
      what: `the token of ${name}`,
    });
    const dataFolder = join(this.folder, name);
    const victim = this.#victim(name, join(ROOT, 'agent', 'src', 'main.ts'), [], {
      NODE_ID: nodeID,
      NODE_ROLE: 'CORE',
      PORT: String(port),
      RINGMASTER_URL: beats.url,
      CARNIVAL_ADVERTISE_URL: orders.url,
      CARNIVAL_DATA: dataFolder,
      CARNIVAL_WAGON_TOKEN: Buffer.from(secret.data?.['token'] ?? '', 'base64').toString('utf8'),
      MAX_CONCURRENT_JOBS: '4',
      LOG_LEVEL: 'warn',
    });
    await victim.start();
    return { victim, name, dataFolder, orders, beats };
  }

  async #provide(model: string): Promise<void> {
    const spec = {
      type: 'OpenAICompatible',
      wire: 'OpenAI',
      endpoint: this.model.endpoint,
      model,
      probeIntervalSeconds: 30,
    };
    const metadata = { name: model, namespace: 'default' };
    await this.client.create<KubeObject>(MODEL_PROVIDERS, {
      apiVersion: API_VERSION,
      kind: 'ModelProvider',
      metadata,
      spec,
    });
  }

  async #link(target: number): Promise<Link> {
    const link = await Link.to(target);
    this.#links.push(link);
    return link;
  }

  #victim(name: string, main: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Victim {
    return new Victim({ name, main, args, env, clockFile: join(this.folder, `${name}.clock`) });
  }
}
