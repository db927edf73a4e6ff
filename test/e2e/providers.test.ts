import { MODEL_PROVIDERS, type ModelProvider } from '@dark-carnival/crds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anthropicModelList } from '../../agent/src/providers/testing/anthropic-fixtures.ts';
import { ollamaTags } from '../../agent/src/providers/testing/ollama-fixtures.ts';
import { modelList } from '../../agent/src/providers/testing/openai-fixtures.ts';
import { startWireServer, type WireServer } from '../../agent/src/providers/testing/wire-server.ts';
import { eventually } from '../harness/eventually.ts';
import { type Stack, startStack } from '../harness/stack.ts';

/** From a variable in the environment to what kubectl shows of a provider: what is missing, what is gone, and what to do about it. */
describe('providers from the environment', () => {
  let stack: Stack;
  const servers: WireServer[] = [];
  const KEY = 'sk-canary-7f3a91c2d4e5';
  const serve = async (script: Parameters<typeof startWireServer>[0]) => {
    const server = await startWireServer(script);
    servers.push(server);
    return server.url;
  };

  beforeAll(async () => {
    const gemini = await serve(() => modelList('models/gemini-3.5-flash', 'models/gemini-3.8-flash'));
    const bridge = await serve(({ method }) =>
      method === 'GET' ? anthropicModelList('claude-of-the-house') : { status: 500 },
    );
    const mistral = await serve(() => ({ status: 401, chunks: ['{"message":"Unauthorized"}'] }));
    const ollama = await serve(() => ollamaTags());
    stack = await startStack({
      env: {
        GEMINI_API_KEY: KEY,
        GEMINI_ENDPOINT: `${gemini}/v1beta/openai`,
        GEMINI_MODEL: 'gemini-2.0-flash',
        CLAUDESON_URL: bridge,
        MISTRAL_API_KEY: KEY,
        MISTRAL_ENDPOINT: `${mistral}/v1`,
        OLLAMA_HOST: ollama,
      },
    });
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all(servers.map((server) => server.close()));
  });

  const ready = (name: string, reason: string) =>
    eventually(
      async () => {
        const provider = await stack.client.get<ModelProvider>(MODEL_PROVIDERS, { namespace: 'default', name });
        const condition = provider.status?.conditions?.find(({ type }) => type === 'Ready');
        return condition?.reason === reason ? { provider, condition } : undefined;
      },
      { timeoutMs: 30_000, what: `${name} to be ${reason}` },
    );

  it('say in their condition that a model was retired, and name the one that follows it', async () => {
    const { provider, condition } = await ready('gemini', 'ModelRetired');
    expect(condition).toMatchObject({
      status: 'False',
      message: expect.stringContaining('set spec.model to gemini-3.5-flash'),
    });
    expect(provider.status).toMatchObject({ reachableFrom: '0/1', models: ['gemini-3.5-flash', 'gemini-3.8-flash'] });
    expect(provider.status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True' });
  });

  it('find out by themselves what a bridge speaks', async () => {
    const { provider } = await ready('claudeson', 'Healthy');
    expect(provider.spec?.wire).toBeUndefined();
    expect(provider.status).toMatchObject({ reachableFrom: '1/1', models: ['claude-of-the-house'] });
  });

  it('say that a key is refused', async () => {
    const { condition } = await ready('mistral', 'Unauthorized');
    expect(condition.message).toContain('The key is refused');
  });

  it('tell at the start which command pulls a model, and that one is gone, and never a key', () => {
    expect(stack.output()).toMatch(/Ollama at \S+ has no model yet: ollama pull \S+/);
    expect(stack.output()).toContain(
      'provider gemini: gemini-2.0-flash ended on 2026-06-01; use gemini-3.5-flash instead',
    );
    expect(stack.output()).not.toContain(KEY);
  });
});
