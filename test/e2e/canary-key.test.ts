import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  API_VERSION,
  isSelfRegistered,
  type KubeObject,
  MODEL_PROVIDERS,
  OBJECTIVES,
  type Objective,
  WAGON_TOKEN_KEY,
  WAGONS,
  type Wagon,
  wagonTokenSecretName,
} from '@dark-carnival/crds';
import { CONFIG_MAPS, EVENTS, LEASES, SECRETS, type Secret } from '@dark-carnival/kube';
import { rootSpanId, traceIdOf } from '@dark-carnival/telemetry';
import { OtlpCollector, parseExposition } from '@dark-carnival/telemetry/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { LeakyModels } from '../harness/leaky-models.ts';
import { type Stack, startStack } from '../harness/stack.ts';

/** Keys that nobody else has: wherever one of them turns up but where it belongs, it leaked. */
const KEYS = {
  refusing: 'sk-canary-kimi-8c1f7e2d9b',
  breaking: 'canary/mistral+4d0a"6e77',
  redirecting: 'sk-canary-deepseek-1a9b3c5d',
  answering: 'sk-canary-gpt-77aa01ffce',
};
const COLLECTOR_KEY = 'canary-of-the-collector-93b1';

/** Every form in which a secret travels. */
const formsOf = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
];

/** What holds a secret by its nature: the store with its Secrets, the kubeconfig, the token file, keys of certificates. */
const KEEPERS = /^(state\.db(-wal|-shm)?|kubeconfig|token|pki\/.*)$/;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

describe('secrets', () => {
  let stack: Stack;
  let models: LeakyModels;
  let collector: OtlpCollector;
  let wagon: Wagon;
  let wagonToken = '';
  let objective: Objective;
  const secrets: Record<string, string> = { ...KEYS, collector: COLLECTOR_KEY };
  /** Everything that anybody can see, by where. */
  const seen = new Map<string, string>();
  const streams = new AbortController();

  /** Reads a stream until the end of the test. */
  async function follow(name: string, url: string, token: string): Promise<void> {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: streams.signal });
    const decoder = new TextDecoder();
    seen.set(name, '');
    void (async () => {
      for await (const chunk of response.body ?? [])
        seen.set(name, seen.get(name) + decoder.decode(chunk, { stream: true }));
    })().catch(() => undefined);
  }

  const get = async (url: string, token: string) =>
    (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text();

  beforeAll(async () => {
    models = await LeakyModels.open();
    collector = await OtlpCollector.open();
    stack = await startStack({
      env: {
        CARNIVAL_LOG_LEVEL: 'debug',
        KIMI_API_KEY: KEYS.refusing,
        KIMI_ENDPOINT: models.at('refusing'),
        MISTRAL_API_KEY: KEYS.breaking,
        MISTRAL_ENDPOINT: models.at('breaking'),
        DEEPSEEK_API_KEY: KEYS.redirecting,
        DEEPSEEK_ENDPOINT: models.at('redirecting'),
        OPENAI_API_KEY: KEYS.answering,
        OPENAI_BASE_URL: models.at('answering'),
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${COLLECTOR_KEY},x-key=${COLLECTOR_KEY}`,
        OTEL_BSP_SCHEDULE_DELAY: '200',
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
      },
    });
    const { client } = stack;
    wagon = await client.get<Wagon>(WAGONS, { namespace: 'default', name: 'lxc-core' });
    expect(isSelfRegistered(wagon.metadata.labels)).toBe(false);
    const secret = await client.get<Secret>(SECRETS, { namespace: 'default', name: wagonTokenSecretName('lxc-core') });
    wagonToken = Buffer.from(secret.data?.[WAGON_TOKEN_KEY] ?? '', 'base64').toString('utf8');
    const joining = await stack.carnival('join-token', 'create', '--role', 'OSINT');
    const joinToken = /cjt_\S+|carnival-join\S+|\S{40,}/.exec(joining.stdout)?.[0] ?? '';
    Object.assign(secrets, { kubeconfig: stack.token, wagon: wagonToken, join: joinToken.slice(-43) });
    const address = wagon.status?.address ?? '';
    await follow('stream of the wagon', `${address}/api/events?after=0`, wagonToken);
    await follow('stream of the hub', `${stack.hubUrl}/api/stream`, stack.token);
    await client.create(OBJECTIVES, {
      apiVersion: API_VERSION,
      kind: 'Objective',
      metadata: { name: 'tides', namespace: 'default' },
      spec: { directive: 'Write a page about tides', approval: { mode: 'Auto' }, improve: 'Never' },
    } as unknown as Objective);
    await follow('stream of the Objective', `${stack.hubUrl}/api/objectives/tides/events?after=0`, stack.token);
    objective = await eventually(
      async () => {
        const found = await client.get<Objective>(OBJECTIVES, { namespace: 'default', name: 'tides' });
        return ['Completed', 'Failed'].includes(found.status?.phase ?? '') ? found : undefined;
      },
      { timeoutMs: 90_000, what: 'the end of the Objective' },
    );
    await eventually(async () => collector.named('objective')[0], { timeoutMs: 10_000, what: 'the root span' });
    for (const kind of [OBJECTIVES, WAGONS, MODEL_PROVIDERS, CONFIG_MAPS, EVENTS, LEASES]) {
      const { items } = await client.list<KubeObject>(kind, {});
      seen.set(`objects ${kind.kind}`, JSON.stringify(items));
    }
    seen.set('metrics of the wagon', await get(`${address}/metrics`, wagonToken));
    seen.set('metrics of the hub', await get(`${stack.hubUrl}/metrics`, stack.token));
    for (const path of [
      '/api/objectives/tides',
      '/api/objectives/tides/transcript',
      '/api/vault',
      '/api/nodes',
      '/api/join-tokens',
    ])
      seen.set(`hub ${path}`, await get(`${stack.hubUrl}${path}`, stack.token));
    for (const path of ['/', '/api/completions?all=1', `/api/jobs/${objective.metadata.uid}.debate.1.1`])
      seen.set(`wagon ${path}`, await get(`${address}${path}`, wagonToken));
    const { metrics } = { metrics: await stack.client.raw({ method: 'GET', path: '/metrics' }) };
    seen.set('metrics of the API server', JSON.stringify(metrics));
    for (const args of [['status', '--tree'], ['transcript', 'tides'], ['doctor']]) {
      const { stdout, stderr } = await stack.carnival(...args);
      seen.set(`carnival ${args[0]}`, stdout + stderr);
    }
    streams.abort();
  }, 180_000);

  afterAll(async () => {
    streams.abort();
    await stack?.stop();
    await Promise.all([models?.close(), collector?.close()]);
  });

  it('were given to every endpoint, and the Objective came to its end all the same', () => {
    for (const [how, key] of Object.entries(KEYS)) expect(models.keys.get(how), how).toBe(key);
    expect(objective.status).toMatchObject({ phase: 'Completed' });
    for (const [name, secret] of Object.entries(secrets)) expect(secret.length, name).toBeGreaterThan(12);
    expect(collector.headers[0]).toMatchObject({ 'x-key': COLLECTOR_KEY });
  });

  it('are in no log, journal, vault or other file but their own', () => {
    const files = filesBelow(stack.dataDir).filter((file) => !KEEPERS.test(file));
    expect(files).toEqual(expect.arrayContaining(['logs/controller.log', expect.stringMatching(/journal\.db/)]));
    const leaks = files.flatMap((file) => leaksIn(file, readFileSync(join(stack.dataDir, file)).toString('latin1')));
    expect(leaks).toEqual([]);
    const log = files.find((file) => /^logs\/.*lxc-core/i.test(file)) ?? '';
    expect(readFileSync(join(stack.dataDir, log), 'utf8')).toContain('"wagon":"LXC-CORE"');
  });

  it('are in no object, Event, stream, answer, metric or line of a command', () => {
    expect(seen.get('stream of the wagon')).toContain('turn-end');
    expect(seen.get('stream of the hub')).toContain('event: delta');
    expect(seen.get('stream of the Objective')).toContain('tides');
    for (const of of ['wagon', 'hub']) parseExposition(seen.get(`metrics of the ${of}`) ?? '');
    const leaks = [...seen].flatMap(([where, text]) => leaksIn(where, text));
    expect([...leaks, ...leaksIn('carnival up', stack.output())]).toEqual([]);
  });

  it('are in no span, though prompts and answers were asked for', () => {
    const { uid = '' } = objective.metadata;
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf(uid)]));
    expect(collector.named('objective').map(({ spanId }) => spanId)).toEqual([rootSpanId(uid)]);
    const ids = new Set(collector.spans.map(({ spanId }) => spanId));
    expect(collector.spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId))).toEqual([]);
    const services = new Set(collector.spans.map(({ service }) => service));
    expect(services).toEqual(new Set(['dark-carnival-ringmaster', 'dark-carnival-wagon']));
    const failures = collector.named(/^chat /).map(({ attributes }) => attributes['error.type']);
    expect(failures).toEqual(expect.arrayContaining(['unauthorized', 'overloaded', 'bad-request', undefined]));
    expect(collector.bodies.join()).toContain('High water is at six');
    expect(collector.bodies.flatMap((body) => leaksIn('span', body))).toEqual([]);
  });

  /** Where a secret turns up, with what stands before it. */
  function leaksIn(where: string, text: string): string[] {
    return Object.entries(secrets).flatMap(([name, secret]) =>
      formsOf(secret)
        .filter((form) => text.includes(form))
        .map((form) => `${name} in ${where}: …${text.slice(Math.max(0, text.indexOf(form) - 60), text.indexOf(form))}`),
    );
  }
});
