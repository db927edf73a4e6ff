import {
  API_VERSION,
  type KubeObject,
  MODEL_PROVIDERS,
  type ModelProvider,
  WAGONS,
  type Wagon,
  wagonTokenSecretName,
} from '@dark-carnival/crds';
import { SECRETS } from '@dark-carnival/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

type Secret = KubeObject & { data: Record<string, string> };
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

describe('wagons and providers, looked after', () => {
  let stack: RingmasterStack;
  let wagon: ScriptedWagon;
  beforeEach(async () => {
    stack = await RingmasterStack.start();
    wagon = new ScriptedWagon();
  });
  afterEach(async () => {
    await stack.stop();
  });

  const provider = (name: string, spec: object) =>
    stack.client.create<KubeObject>(MODEL_PROVIDERS, {
      apiVersion: API_VERSION,
      kind: 'ModelProvider',
      metadata: { name, namespace: 'default' },
      spec,
    });
  const secret = (name: string, key: string, hosts?: string) =>
    stack.client.create<Secret>(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace: 'default',
        ...(hosts === undefined
          ? {}
          : {
              labels: { 'darkcarnival.dev/provider-credentials': 'true' },
              annotations: { 'darkcarnival.dev/allowed-hosts': hosts },
            }),
      },
      data: { apiKey: base64(key) },
    });
  const until = <T>(look: () => T | undefined, what: string) =>
    eventually(async () => look(), { timeoutMs: 15_000, what });
  const readyReason = (name: string, reason: string, reachableFrom?: string) =>
    eventually(
      async () => {
        const { status } = await stack.client.get<ModelProvider>(MODEL_PROVIDERS, { namespace: 'default', name });
        const isReason = status?.conditions?.some(
          (condition) => condition.type === 'Ready' && condition.reason === reason,
        );
        return isReason && (reachableFrom === undefined || status?.reachableFrom === reachableFrom)
          ? status
          : undefined;
      },
      { timeoutMs: 15_000, what: `${name} to be ${reason}` },
    );

  it('have a token that outlives their object, and that a wagon needs to be heard', async () => {
    await stack.join(wagon);
    const { data } = await stack.client.get<Secret>(SECRETS, {
      namespace: 'default',
      name: wagonTokenSecretName(wagon.name),
    });
    expect(Buffer.from(data['token'] ?? '', 'base64').toString('utf8')).toMatch(/^[\w-]{43}$/);
    const stranger = new ScriptedWagon({ token: 'guessed' });
    expect(await stranger.beat(stack.hubUrl)).toBe(401);
    wagon.stopBeating();
    await stack.client.delete(WAGONS, { namespace: 'default', name: wagon.name });
    await stack.client.create<KubeObject>(WAGONS, {
      apiVersion: API_VERSION,
      kind: 'Wagon',
      metadata: { name: wagon.name, namespace: 'default' },
      spec: { nodeID: wagon.nodeID, role: 'CORE', runtime: { type: 'Process', process: { port: wagon.port } } },
    });
    wagon.keepBeating(stack.hubUrl, 200);
    await stack.wagon(wagon.name, ({ status }) => status?.phase === 'Ready');
    expect(
      (await stack.client.get<Secret>(SECRETS, { namespace: 'default', name: wagonTokenSecretName(wagon.name) })).data,
    ).toEqual(data);
  });

  it('are handed the keys that were given for their host, and no other', async () => {
    await secret('good', 'sk-good', 'models.example');
    await secret('not-opted-in', 'sk-secret');
    await provider('good', {
      type: 'OpenAICompatible',
      endpoint: 'https://models.example/v1',
      model: 'm',
      credentialsSecretRef: { name: 'good', key: 'apiKey' },
    });
    await provider('thief', {
      type: 'OpenAICompatible',
      endpoint: 'https://evil.example/v1',
      model: 'm',
      credentialsSecretRef: { name: 'good', key: 'apiKey' },
    });
    await provider('greedy', {
      type: 'OpenAICompatible',
      endpoint: 'https://models.example/v1',
      model: 'm',
      credentialsSecretRef: { name: 'not-opted-in', key: 'apiKey' },
    });
    await stack.join(wagon);
    const grants = await until(() => wagon.grants.find(({ providers }) => providers.length === 3), 'the grants');
    expect(grants.providers.map(({ name, apiKey }) => [name, apiKey])).toEqual([
      ['good', 'sk-good'],
      ['greedy', undefined],
      ['thief', undefined],
    ]);
    await readyReason('thief', 'NoCredentials', '0/1');
    await readyReason('greedy', 'NoCredentials');
    wagon.providers = [{ name: 'good', healthy: 'True' }];
    await readyReason('good', 'Healthy', '1/1');
    // Nothing of a key is to be read anywhere but in its Secret.
    for (const resource of [WAGONS, MODEL_PROVIDERS]) {
      expect(JSON.stringify(await stack.client.list(resource, { namespace: 'default' }))).not.toMatch(
        /sk-(good|secret)/,
      );
    }
  });

  it('are told once what they hold, again after a start, and anew when it changes', async () => {
    await stack.join(wagon);
    await until(() => (wagon.grants.length === 1 ? true : undefined), 'the first grants');
    await provider('late', { type: 'Ollama', model: 'm' });
    await until(() => wagon.grants.at(-1)?.providers.find(({ name }) => name === 'late'), 'the changed grants');
    const told = wagon.grants.length;
    wagon.grants.splice(0);
    await wagon.die();
    await wagon.start();
    wagon.keepBeating(stack.hubUrl, 200);
    await until(() => (wagon.grants.length > 0 ? true : undefined), 'the grants after a start');
    expect(told).toBe(2);
    expect(wagon.grants).toHaveLength(1);
  });

  it('are granted only what their spec names', async () => {
    await provider('one', { type: 'Ollama', model: 'm' });
    await provider('two', { type: 'Ollama', model: 'm' });
    await stack.join(wagon, { providers: ['two'] });
    const grants = await until(() => wagon.grants.at(-1), 'the grants');
    expect(grants.providers.map(({ name }) => name)).toEqual(['two']);
  });

  it('say so where their runtime is not installed', async () => {
    await stack.client.create<KubeObject>(WAGONS, {
      apiVersion: API_VERSION,
      kind: 'Wagon',
      metadata: { name: 'pod', namespace: 'default' },
      spec: { nodeID: 'pod', role: 'CORE', runtime: { type: 'Pod' } },
    });
    const found: Wagon = await stack.wagon('pod', ({ status }) => status?.phase === 'Failed');
    expect(found.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', status: 'True', reason: 'RuntimeNotInstalled' }),
    );
  });

  it('cost no write while they only beat', async () => {
    await stack.join(wagon);
    await until(() => (wagon.grants.length === 1 ? true : undefined), 'the first grants');
    await wagon.beat(stack.hubUrl);
    stack.writes.splice(0);
    for (let beats = 0; beats < 20; beats += 1) await wagon.beat(stack.hubUrl);
    // Something that does cost a write, after all of that was looked at.
    await stack.client.patch(
      WAGONS,
      { namespace: 'default', name: wagon.name },
      { type: 'merge', body: { spec: { scheduling: 'Cordoned' } } },
    );
    await stack.wagon(
      wagon.name,
      ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Cordoned') ?? false,
    );
    expect(stack.writes.filter((write) => write.includes('wagons'))).toEqual([`PATCH wagons/${wagon.name}/status`]);
  });
});
