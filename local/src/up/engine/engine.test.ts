import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ANNOTATIONS,
  API_VERSION,
  type FoundProvider,
  LABELS,
  MODEL_PROVIDERS,
  type ModelProvider,
  WAGONS,
  type Wagon,
  wagonTokenSecretName,
} from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import {
  KubeClient as Client,
  createTransport,
  type KubeClient,
  SECRETS,
  type Secret,
  type Transport,
} from '@dark-carnival/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalServer, startLocalServer } from '../../start-local-server.ts';
import { Kubelet, type KubeletEvent } from '../kubelet/kubelet.ts';
import { CRD_FOLDER } from '../programs.ts';
import { applyProviders } from '../providers/apply-providers.ts';
import { spawnChild } from '../supervise/spawn-child.ts';
import { applyCrds } from './apply-crds.ts';
import { createWagons, missingWagons, newWagon } from './ensure-wagons.ts';

const TOKEN = 'token-of-this-test';
let server: LocalServer;
let transport: Transport;
let client: KubeClient;
let writes: number;

beforeEach(async () => {
  server = await startLocalServer({ store: 'memory', token: TOKEN });
  const inner = createTransport({
    source: 'test',
    contextName: 'test',
    server: server.url,
    namespace: 'default',
    credentials: { current: () => ({ token: TOKEN }), refresh: () => {} },
    insecureSkipTlsVerify: false,
  });
  writes = 0;
  transport = {
    request: (request) => {
      if (request.method !== 'GET') writes += 1;
      return inner.request(request);
    },
    stream: (request) => inner.stream(request),
    close: () => inner.close(),
  };
  client = new Client(transport);
  await applyCrds(client, CRD_FOLDER);
});
afterEach(async () => {
  await transport.close();
  await server.close();
});

const KIMI: FoundProvider = {
  name: 'kimi',
  type: 'Kimi',
  label: 'Kimi',
  model: 'kimi-k2.6',
  foundIn: 'x',
  apiKey: 'sk-1',
};
const kimi = () => client.get<ModelProvider>(MODEL_PROVIDERS, { name: 'kimi', namespace: 'default' });
const keyOf = async (name: string) => {
  const { data } = await client.get<Secret>(SECRETS, { name, namespace: 'default' });
  return Buffer.from(data?.['apiKey'] ?? '', 'base64').toString();
};

describe('the CRDs', () => {
  it('are written once: a second start writes nothing', async () => {
    expect(writes).toBe(3);
    expect(await applyCrds(client, CRD_FOLDER)).toEqual([]);
    expect(writes).toBe(3);
    await client.list(WAGONS);
  });

  it('are missed in one line where the checkout is incomplete', async () => {
    await expect(applyCrds(client, join(CRD_FOLDER, 'nowhere'))).rejects.toThrow('run `npm run generate`');
  });
});

describe('the providers', () => {
  it('become one ModelProvider and one Secret each, bound to its host, and a second start writes nothing', async () => {
    const bridge: FoundProvider = {
      name: 'ollama',
      type: 'Ollama',
      label: 'Ollama',
      model: 'q',
      endpoint: 'http://127.0.0.1:11434',
      foundIn: 'x',
    };
    const first = await applyProviders(client, [KIMI, bridge]);
    expect(first).toMatchObject({
      applied: [{ outcome: 'Created' }, { outcome: 'Created' }],
      kept: [],
      rehearsal: false,
    });
    expect((await kimi()).spec).toMatchObject({
      type: 'Kimi',
      credentialsSecretRef: { name: 'kimi-credentials', key: 'apiKey' },
    });
    const { metadata } = await client.get<Secret>(SECRETS, { name: 'kimi-credentials', namespace: 'default' });
    expect(metadata.labels).toHaveProperty([LABELS.providerCredentials]);
    expect(metadata.annotations?.[ANNOTATIONS.allowedHosts]).toBe('api.moonshot.ai');
    const before = writes;
    expect((await applyProviders(client, [KIMI, bridge])).applied.map(({ outcome }) => outcome)).toEqual([
      'Unchanged',
      'Unchanged',
    ]);
    expect(writes).toBe(before);
  });

  it('follow the environment: a new key, a new model, another host', async () => {
    await applyProviders(client, [KIMI]);
    const changed = {
      ...KIMI,
      apiKey: 'sk-2',
      model: 'kimi-k3',
      endpoint: 'https://r.services.ai.azure.com/openai/v1',
    };
    expect((await applyProviders(client, [{ ...KIMI, apiKey: 'sk-2' }])).applied[0]?.outcome).toBe('Updated');
    expect(await keyOf('kimi-credentials')).toBe('sk-2');
    await applyProviders(client, [changed]);
    expect((await kimi()).spec).toMatchObject({ model: 'kimi-k3', endpoint: changed.endpoint });
    const { metadata } = await client.get<Secret>(SECRETS, { name: 'kimi-credentials', namespace: 'default' });
    expect(metadata.annotations?.[ANNOTATIONS.allowedHosts]).toBe('r.services.ai.azure.com');
  });

  it('keep what a person changed, until the environment changes', async () => {
    await applyProviders(client, [KIMI]);
    const patch = { type: 'merge', body: { spec: { model: 'kimi-k3', limits: { concurrency: 2 } } } } as const;
    await client.patch(MODEL_PROVIDERS, { name: 'kimi', namespace: 'default' }, patch);
    await applyProviders(client, [KIMI]);
    expect((await kimi()).spec).toMatchObject({ model: 'kimi-k3', limits: { concurrency: 2 } });
    await applyProviders(client, [{ ...KIMI, model: 'kimi-k4' }]);
    expect((await kimi()).spec?.model).toBe('kimi-k4');
  });

  it('leave what somebody else made alone, and keep what is no longer found', async () => {
    await client.create<ModelProvider>(MODEL_PROVIDERS, {
      apiVersion: API_VERSION,
      kind: 'ModelProvider',
      metadata: { name: 'kimi', namespace: 'default' },
      spec: { type: 'Kimi', model: 'mine', probeIntervalSeconds: 300 },
    });
    expect((await applyProviders(client, [KIMI])).applied[0]?.outcome).toBe('Foreign');
    expect((await kimi()).spec?.model).toBe('mine');
    await applyProviders(client, [{ ...KIMI, name: 'groq', type: 'Groq' }]);
    expect((await applyProviders(client, [])).kept).toEqual(['groq']);
  });

  it('are a rehearsal where there is none, or nothing but one', async () => {
    expect((await applyProviders(client, [])).rehearsal).toBe(true);
    await client.create<ModelProvider>(MODEL_PROVIDERS, {
      apiVersion: API_VERSION,
      kind: 'ModelProvider',
      metadata: { name: 'script', namespace: 'default' },
      spec: { type: 'Rehearsal', probeIntervalSeconds: 300 },
    });
    expect((await applyProviders(client, [])).rehearsal).toBe(true);
  });
});

describe('the wagons', () => {
  it('are created where they are missing, and never changed', async () => {
    const core = { name: 'lxc-core', nodeID: 'LXC-CORE', role: 'CORE', port: 8080 };
    await createWagons(client, [core]);
    await createWagons(client, [{ ...core, port: 9 }]);
    const { items } = await client.list<Wagon>(WAGONS);
    expect(
      items.map(({ metadata, spec }) => [metadata.name, metadata.labels?.[LABELS.role], spec?.runtime.process?.port]),
    ).toEqual([['lxc-core', 'CORE', 8080]]);
    expect(missingWagons([core, { ...core, name: 'x' }], items).map(({ name }) => name)).toEqual(['x']);
  });
});

/** A wagon's process as the kubelet sees it: it says what it was given, and serves until it is told to stop. */
const PROGRAM = `
  const { NODE_ID, PORT, CARNIVAL_WAGON_TOKEN, RINGMASTER_URL, CARNIVAL_NAMESPACE } = process.env;
  console.log(JSON.stringify({ ready: true, given: [NODE_ID, PORT, CARNIVAL_WAGON_TOKEN, RINGMASTER_URL, CARNIVAL_NAMESPACE] }));
  process.stdin.on('end', () => process.exit(0)).resume();
  process.on('SIGTERM', () => process.exit(0));
`;

describe('the kubelet', () => {
  let dir: string;
  let kubelet: Kubelet;
  let events: [string, KubeletEvent][];
  let wake: () => void;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'carnival-kubelet-'));
    writeFileSync(join(dir, 'wagon.ts'), PROGRAM);
    events = [];
    wake = () => {};
    kubelet = new Kubelet({
      client,
      clock: systemClock,
      spawn: spawnChild,
      program: join(dir, 'wagon.ts'),
      folder: dir,
      hubUrl: 'http://127.0.0.1:8000',
      env: process.env,
      logOf: () => () => {},
      onEvent: ({ namespace, name }, event) => {
        events.push([`${namespace}/${name}`, event]);
        wake();
      },
    });
  });
  afterEach(async () => {
    await kubelet.stop(5_000);
    rmSync(dir, { recursive: true, force: true });
  });

  const happened = async (name: string, type: KubeletEvent['type'], times = 1) => {
    const matching = () => events.filter(([of, event]) => of === name && event.type === type).map(([, event]) => event);
    while (matching().length < times) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return matching().at(-1);
  };
  const token = (wagon: string, value: string): Secret => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: wagonTokenSecretName(wagon), namespace: 'default' },
    data: { token: Buffer.from(value).toString('base64') },
  });
  const core = { name: 'lxc-core', nodeID: 'LXC-CORE', role: 'CORE', port: 18_080 };

  it('starts what is there once its token is, starts what is applied, restarts what is changed, stops what is deleted', async () => {
    await createWagons(client, [core]);
    await kubelet.start();
    await happened('default/lxc-core', 'started');
    await client.create(SECRETS, token('lxc-core', 'tok-1'));
    expect(await happened('default/lxc-core', 'ready')).toMatchObject({
      ready: { given: ['LXC-CORE', '18080', 'tok-1', 'http://127.0.0.1:8000', 'default'] },
    });

    await client.create(SECRETS, token('extra', 'tok-2'));
    await client.create(WAGONS, newWagon({ ...core, name: 'extra', nodeID: 'Extra', port: 18_081 }));
    expect(await happened('default/extra', 'ready')).toMatchObject({
      ready: { given: ['Extra', '18081', 'tok-2', expect.any(String), 'default'] },
    });

    const port = { type: 'merge', body: { spec: { runtime: { process: { port: 18_082 } } } } } as const;
    await client.patch(WAGONS, { name: 'extra', namespace: 'default' }, port);
    await happened('default/extra', 'stopped');
    expect(await happened('default/extra', 'ready', 2)).toMatchObject({
      ready: { given: ['Extra', '18082', 'tok-2', expect.any(String), 'default'] },
    });

    await client.delete(WAGONS, { name: 'extra', namespace: 'default' });
    await happened('default/extra', 'stopped', 2);
    expect(events.some(([, { type }]) => type === 'exited')).toBe(false);
  });

  it('leaves the wagons of other runtimes to others', async () => {
    const external = newWagon(core);
    const spec = { ...external.spec, runtime: { type: 'External', external: { url: 'http://127.0.0.1:1' } } };
    await client.create(WAGONS, { ...external, spec } as Wagon);
    await kubelet.start();
    expect(events).toEqual([]);
  });

  it('calls all ready only what the controller gives work to', async () => {
    await client.create(SECRETS, token('lxc-core', 'tok-1'));
    await createWagons(client, [core]);
    await kubelet.start();
    await happened('default/lxc-core', 'ready');
    let ready = false;
    const all = kubelet.allReady(AbortSignal.timeout(15_000)).then(() => {
      ready = true;
    });
    await new Promise(setImmediate);
    expect(ready).toBe(false);
    const wagon = await client.get<Wagon>(WAGONS, { name: 'lxc-core', namespace: 'default' });
    await client.updateStatus(WAGONS, { ...wagon, status: { phase: 'Ready' } });
    await all;
  });
});
