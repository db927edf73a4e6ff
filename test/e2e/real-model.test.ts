import {
  ANNOTATIONS,
  API_VERSION,
  type HubVaultList,
  type KubeObject,
  LABELS,
  MODEL_PROVIDERS,
  type ModelProvider,
  OBJECTIVES,
  type Objective,
} from '@dark-carnival/crds';
import { SECRETS } from '@dark-carnival/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { type Stack, startStack } from '../harness/stack.ts';

/**
 * An Objective against a real language model over HTTP, to Completed: Visionary and Critic through the Anthropic wire, Tactician and tasks
 * through the OpenAI wire with a strict schema. A small model proves the wire, the streaming, the tokens and the schema; never quality.
 */
const url = process.env['SMALL_MODEL_URL'];
const key = process.env['SMALL_MODEL_KEY'];
const present = url !== undefined && key !== undefined;
if (!present)
  console.warn(
    'SKIPPED real-model: no model. Set SMALL_MODEL_URL (…/v1) and SMALL_MODEL_KEY to a server that speaks the OpenAI and Anthropic APIs.',
  );

/** The model server's own counters: a second opinion about the tokens that our status claims. */
async function serverCounts(base: string): Promise<{ input: number; output: number }> {
  const text = await (await fetch(new URL('/metrics', base), { headers: { authorization: `Bearer ${key}` } })).text();
  const read = (name: string) => Number(new RegExp(`^llamacpp:${name} (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { input: read('prompt_tokens_total'), output: read('tokens_predicted_total') };
}

describe.skipIf(!present)('an Objective with a real model', () => {
  let stack: Stack;
  let before = { input: 0, output: 0 };
  const openaiBase = url ?? '';
  const anthropicBase = openaiBase.replace(/\/v1\/?$/, '');
  const latest = () => stack.client.get<Objective>(OBJECTIVES, { namespace: 'default', name: 'harbour-note' });

  beforeAll(async () => {
    stack = await startStack();
    before = await serverCounts(openaiBase);
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'small-model',
        namespace: 'default',
        labels: { [LABELS.providerCredentials]: 'true' },
        annotations: { [ANNOTATIONS.allowedHosts]: new URL(openaiBase).hostname },
      },
      stringData: { key: key ?? '' },
    };
    await stack.client.create(SECRETS, secret as KubeObject);
    const provider = (name: string, wire: 'OpenAI' | 'Anthropic', model: string): ModelProvider => ({
      apiVersion: API_VERSION,
      kind: 'ModelProvider',
      metadata: { name, namespace: 'default' },
      spec: {
        type: 'OpenAICompatible',
        endpoint: wire === 'OpenAI' ? openaiBase : anthropicBase,
        wire,
        model,
        credentialsSecretRef: { name: 'small-model', key: 'key' },
        prices: { inputPerMillionTokens: '1', outputPerMillionTokens: '2' },
        probeIntervalSeconds: 300,
      },
    });
    for (const one of [
      provider('dreamer', 'Anthropic', 'kimi-k2.6'),
      provider('doubter', 'Anthropic', 'mistral-large'),
      provider('planner', 'OpenAI', 'deepseek-v4-pro'),
    ]) {
      await stack.client.create(MODEL_PROVIDERS, one);
    }
    await stack.client.create(OBJECTIVES, {
      apiVersion: API_VERSION,
      kind: 'Objective',
      metadata: { name: 'harbour-note', namespace: 'default' },
      spec: {
        directive: 'Write a short note about tides for people who fish in a small harbour',
        debate: {
          seats: {
            visionary: { providers: ['dreamer'], maxTokens: 96 },
            critic: { providers: ['doubter'], maxTokens: 96 },
            tactician: { providers: ['planner'], maxTokens: 700 },
          },
        },
        execution: { providers: ['planner'], maxTasks: 2, maxTokens: 400, retries: 3 },
      },
    } as KubeObject);
  });
  afterAll(() => stack?.stop());

  it('reaches the gate with three turns by the three models and a valid plan of at most two tasks', async () => {
    const objective = await eventually(
      async () => {
        const found = await latest();
        if (found.status?.phase === 'Failed') throw new Error(JSON.stringify(found.status));
        return found.status?.phase === 'AwaitingHuman' ? found : undefined;
      },
      { timeoutMs: 240_000, what: 'AwaitingHuman', everyMs: 500 },
    );
    expect(objective.status?.debate?.turns?.map(({ seat, provider, model }) => ({ seat, provider, model }))).toEqual([
      { seat: 'visionary', provider: 'dreamer', model: 'kimi-k2.6' },
      { seat: 'critic', provider: 'doubter', model: 'mistral-large' },
      { seat: 'tactician', provider: 'planner', model: 'deepseek-v4-pro' },
    ]);
    for (const turn of objective.status?.debate?.turns ?? []) expect(turn.tokens).toBeGreaterThan(10);
    expect(objective.status?.plan?.taskCount).toBeGreaterThanOrEqual(1);
    expect(objective.status?.plan?.taskCount).toBeLessThanOrEqual(2);
    expect(objective.status?.approvalRequest?.planHash).toBe(objective.status?.plan?.hash);
  }, 300_000);

  /** A model this small talks past its limit now and then, and such an answer is refused: a person runs the tasks again. At most three times here. */
  async function retryFailedTasks({ spec, status }: Objective): Promise<void> {
    const retry = spec?.retry ?? 0;
    if (retry >= 3) throw new Error(`failed after three retries: ${JSON.stringify(status)}`);
    const body = { spec: { retry: retry + 1 } };
    await stack.client.patch(OBJECTIVES, { namespace: 'default', name: 'harbour-note' }, { type: 'merge', body });
    await eventually(async () => ((await latest()).status?.phase === 'Failed' ? undefined : true), {
      timeoutMs: 20_000,
      what: 'the retry to begin',
    });
  }

  it('is approved from the command line and completes with files that the model wrote', async () => {
    const approved = await stack.carnival('approve', 'harbour-note');
    expect(approved.code, approved.stderr).toBe(0);
    const objective = await eventually(
      async () => {
        const found = await latest();
        if (found.status?.phase === 'Failed') await retryFailedTasks(found);
        return found.status?.phase === 'Completed' ? found : undefined;
      },
      { timeoutMs: 280_000, what: 'Completed', everyMs: 500 },
    );
    const vault = (await (
      await fetch(`${stack.hubUrl}/api/vault`, { headers: { authorization: `Bearer ${stack.token}` } })
    ).json()) as HubVaultList;
    const tasks = objective.status?.tasks ?? [];
    expect(tasks.map((task) => task.state)).toEqual(tasks.map(() => 'Succeeded'));
    for (const task of tasks) {
      const sidecar = vault.files.find((file) => file.file === task.artifact?.file);
      expect(sidecar).toMatchObject({
        rehearsal: false,
        provider: 'planner',
        model: 'deepseek-v4-pro',
        sha256: task.artifact?.sha256,
      });
      expect(sidecar?.usage.outputTokens).toBeGreaterThan(0);
      const shown = await stack.carnival('vault', 'cat', task.artifact?.file ?? '');
      expect(shown.code, shown.stderr).toBe(0);
      expect(shown.stdout.trim()).not.toBe('');
    }
  }, 300_000);

  it('counts the tokens that the model server itself counted', async () => {
    const after = await serverCounts(openaiBase);
    const usage = (await latest()).status?.usage;
    // Cached prompt tokens are billed but not computed again, so the server's own input counter may only be lower.
    expect(usage?.outputTokens).toBe(after.output - before.output);
    expect(usage?.inputTokens).toBeGreaterThanOrEqual(after.input - before.input);
    expect(usage?.totalTokens).toBe((usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0));
    expect(usage?.costUSD).toMatch(/^0\.\d{3,6}$/);
  });
});
