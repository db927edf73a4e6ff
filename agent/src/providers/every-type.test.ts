import { PROVIDER_TYPES, type ProviderGrant, type ProviderType } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProvider } from './create-provider.ts';
import { ConnectionPool } from './guarded-fetch.ts';
import { anthropicModelList, messageStream } from './testing/anthropic-fixtures.ts';
import { ollamaChat, ollamaTags } from './testing/ollama-fixtures.ts';
import { chatCompletion, chatStream, modelList } from './testing/openai-fixtures.ts';
import { aRequest, callOptions, describeProviderContract } from './testing/provider-conformance.ts';
import { type Reply, type SentRequest, startWireServer, type WireServer } from './testing/wire-server.ts';

const TEXT = 'The readings have no source.';
const openAI = ({ method, body }: SentRequest): Reply => {
  if (method === 'GET') return modelList('fixture-model');
  return body.stream ? chatStream(TEXT) : chatCompletion('{"word":"tide"}');
};
const anthropic = ({ method }: SentRequest): Reply =>
  method === 'GET' ? anthropicModelList('fixture-model') : messageStream(TEXT);
const ollama = ({ method }: SentRequest): Reply => (method === 'GET' ? ollamaTags('fixture-model') : ollamaChat(TEXT));

/** How each family is spoken to: path of a question, header and form of the key, name of the limit. */
const TYPES: Record<
  Exclude<ProviderType, 'Rehearsal'>,
  { peer: (request: SentRequest) => Reply; path: string; key?: [string, string]; limit: string }
> = {
  Kimi: {
    peer: openAI,
    path: '/v1/chat/completions',
    key: ['authorization', 'Bearer KEY'],
    limit: 'max_completion_tokens',
  },
  Mistral: { peer: openAI, path: '/v1/chat/completions', key: ['authorization', 'Bearer KEY'], limit: 'max_tokens' },
  DeepSeek: { peer: openAI, path: '/v1/chat/completions', key: ['authorization', 'Bearer KEY'], limit: 'max_tokens' },
  OpenAI: {
    peer: openAI,
    path: '/v1/chat/completions',
    key: ['authorization', 'Bearer KEY'],
    limit: 'max_completion_tokens',
  },
  AzureOpenAI: {
    peer: openAI,
    path: '/v1/chat/completions',
    key: ['authorization', 'Bearer KEY'],
    limit: 'max_completion_tokens',
  },
  Anthropic: { peer: anthropic, path: '/v1/messages', key: ['x-api-key', 'KEY'], limit: 'max_tokens' },
  Gemini: { peer: openAI, path: '/v1/chat/completions', key: ['authorization', 'Bearer KEY'], limit: 'max_tokens' },
  Groq: { peer: openAI, path: '/v1/chat/completions', key: ['authorization', 'Bearer KEY'], limit: 'max_tokens' },
  Ollama: { peer: ollama, path: '/api/chat', limit: 'options.num_predict' },
  Claudeson: { peer: openAI, path: '/v1/chat/completions', limit: 'max_tokens' },
  OpenAICompatible: { peer: openAI, path: '/v1/chat/completions', limit: 'max_tokens' },
};

const pool = new ConnectionPool();
afterAll(() => pool.close());

function make(type: ProviderType, url: string, more: Partial<ProviderGrant> = {}) {
  const grant: ProviderGrant = {
    name: type.toLowerCase(),
    type,
    endpoint: url,
    model: 'fixture-model',
    probeIntervalSeconds: 300,
    ...more,
  };
  return createProvider(grant, { pool, clock: systemClock, refusedHosts: [] });
}

it('the table knows every type', () => {
  expect(Object.keys(TYPES)).toEqual(PROVIDER_TYPES.filter((type) => type !== 'Rehearsal'));
});

describeProviderContract('Rehearsal', () => make('Rehearsal', 'http://127.0.0.1:9'));

describe.each(Object.entries(TYPES) as [Exclude<ProviderType, 'Rehearsal'>, (typeof TYPES)['Kimi']][])(
  '%s',
  (type, { peer, path, key, limit }) => {
    let server: WireServer;
    const endpoint = () =>
      type === 'Anthropic' || type === 'Ollama' || type === 'Claudeson' ? server.url : `${server.url}/v1`;
    const withKey = key ? { apiKey: 'KEY' } : {};
    beforeAll(async () => {
      server = await startWireServer(peer);
    });
    afterAll(() => server.close());

    describeProviderContract(type, () => make(type, endpoint(), withKey));

    it('asks at its own path, with its key in its own header, by its own name of the limit', async () => {
      server.play(peer);
      await make(type, endpoint(), withKey).complete(aRequest(), callOptions());
      const asked = server.requests.findLast(({ method }) => method === 'POST');
      expect(asked?.path).toBe(path);
      const value = limit.split('.').reduce((inner, name) => inner?.[name], asked?.body);
      expect(value).toBe(64);
      if (key) expect(asked?.headers[key[0]]).toBe(key[1]);
      else expect(Object.keys(asked?.headers ?? {}).filter((name) => /authorization|api-key/.test(name))).toEqual([]);
    });
  },
);
