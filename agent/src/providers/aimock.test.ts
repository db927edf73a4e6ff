import { LLMock } from '@copilotkit/aimock';
import type { ProviderGrant, ProviderType } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLLMFactory } from './create-llm-factory.ts';
import { createProvider } from './create-provider.ts';
import { ConnectionPool } from './guarded-fetch.ts';
import type { CompletionRequest } from './provider.ts';
import { aRequest, callOptions } from './testing/provider-conformance.ts';

// aimock plays every provider's API on one port; nobody here wrote it, and its own tests hold it to the real ones daily.
const TEXT = 'The readings have no source.';
const PLAN = { word: 'tide' };
const schema: NonNullable<CompletionRequest['schema']> = {
  name: 'plan',
  schema: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'], additionalProperties: false },
};

const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', chunkSize: 6 });
const pool = new ConnectionPool();
beforeAll(async () => {
  await mock.start();
});
afterAll(async () => {
  await pool.close();
  await mock.stop();
});
const usage = {
  prompt_tokens: 21,
  completion_tokens: 9,
  input_tokens: 21,
  output_tokens: 9,
  promptTokenCount: 21,
  candidatesTokenCount: 9,
};
const script = () => {
  mock.reset();
  mock.onMessage(/tide chart/, { content: TEXT, usage });
  mock.onMessage(/hand in/, { content: JSON.stringify(PLAN), usage });
};
afterEach(script);
script();

/** Where aimock serves each family, and whether it counts tokens there. */
const PLACES: [ProviderType, string, string][] = [
  ['OpenAI', '/v1', '/v1/chat/completions'],
  ['Kimi', '/v1', '/v1/chat/completions'],
  ['Mistral', '/v1', '/v1/chat/completions'],
  ['DeepSeek', '/v1', '/v1/chat/completions'],
  ['AzureOpenAI', '/openai/v1', '/openai/v1/chat/completions'],
  ['Gemini', '/v1beta/openai', '/v1beta/openai/chat/completions'],
  ['Groq', '/openai/v1', '/openai/v1/chat/completions'],
  ['OpenAICompatible', '/v1', '/v1/chat/completions'],
  ['Claudeson', '', '/v1/chat/completions'],
  ['Anthropic', '', '/v1/messages'],
  ['Ollama', '', '/api/chat'],
];
const grantFor = (type: ProviderType, path: string, more: Partial<ProviderGrant> = {}): ProviderGrant => ({
  name: type.toLowerCase(),
  type,
  endpoint: `${mock.url}${path}`,
  model: 'gpt-4o',
  apiKey: 'sk-aimock-12345678',
  probeIntervalSeconds: 300,
  ...more,
});
const providerFor = (type: ProviderType, path: string) =>
  createProvider(grantFor(type, path), { pool, clock: systemClock, refusedHosts: [] });
const structured = () => aRequest({ schema, messages: [{ role: 'user', content: 'Please hand in the word.' }] });

describe.each(PLACES)('%s, played by aimock', (type, path, route) => {
  it('answers in pieces, with its tokens, at its own route', async () => {
    const deltas: string[] = [];
    const answer = await providerFor(type, path).complete(
      aRequest(),
      callOptions({ onDelta: (text) => deltas.push(text) }),
    );
    expect(answer).toMatchObject({ text: TEXT, finishReason: 'stop', provider: type.toLowerCase() });
    expect(deltas.join('')).toBe(TEXT);
    expect(deltas.length).toBeGreaterThan(1);
    expect(mock.getLastRequest()?.path).toBe(route);
    if (!answer.usageEstimated) expect([answer.inputTokens, answer.outputTokens]).toEqual([21, 9]);
  });

  it('hands in what a schema asks for', async () => {
    const answer = await providerFor(type, path).complete(structured(), callOptions());
    expect(answer.json).toEqual(PLAN);
  });

  it('is probed without being asked', async () => {
    const health = await providerFor(type, path).probe(new AbortController().signal);
    expect(['True', 'Unknown', 'False']).toContain(health.healthy);
    expect(health.reason).not.toMatch(/NotAnAPI|Unreachable|Unauthorized|Refused/);
  });

  it.each([
    ['a rate limit', { rateLimitRate: 1 }, 'rate-limited', true],
    ['a server error', { dropRate: 1 }, 'overloaded', true],
    ['malformed JSON', { malformedRate: 1 }, 'unusable', true],
    ['a connection that is cut', { disconnectRate: 1 }, /unusable|unreachable/, true],
  ] as const)('fails as %s does', async (_what, chaos, kind, isRetryable) => {
    mock.setChaos(chaos);
    const error = await providerFor(type, path)
      .complete(aRequest(), callOptions())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: kind instanceof RegExp ? expect.stringMatching(kind) : kind, isRetryable });
    if (kind === 'rate-limited') expect(error).toMatchObject({ retryAfterMs: expect.any(Number) });
    mock.clearChaos();
  });

  it('is booked for what came before its stream broke', async () => {
    mock.reset();
    mock.onMessage(/tide chart/, { content: TEXT, usage }, { truncateAfterChunks: 3, latency: 15 });
    const error = await providerFor(type, path)
      .complete(aRequest(), callOptions())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      kind: 'unusable',
      isRetryable: true,
      spent: { calls: 1, estimatedTokens: expect.any(Number) },
    });
  });
});

it('a chain goes on to the next wire while one is limited, through the real SDKs', async () => {
  const quiet = () => undefined;
  const factory = createLLMFactory({
    clock: systemClock,
    random: () => 0,
    logger: { debug: quiet, info: quiet, warn: quiet },
  });
  factory.setProviders({
    providers: [grantFor('OpenAI', '/v1'), grantFor('Anthropic', '')],
    digest: `sha256:${'0'.repeat(64)}`,
  });
  mock.nextRequestError(429, { message: 'insufficient', type: 'insufficient_quota', code: 'insufficient_quota' });
  const answer = await factory.complete({ providers: ['openai', 'anthropic'], maxTokens: 64 }, aRequest(), {
    signal: new AbortController().signal,
    deadlineMs: 10_000,
  });
  expect(answer).toMatchObject({ text: TEXT, provider: 'anthropic', spent: { calls: 2 } });
  expect(factory.health()).toContainEqual(expect.objectContaining({ name: 'openai', reason: 'QuotaExhausted' }));
  await factory.close();
});
