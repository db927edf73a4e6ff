import type { ProviderGrant } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpointOf } from './families.ts';
import { ConnectionPool } from './guarded-fetch.ts';
import { createOllamaProvider } from './ollama.ts';
import {
  brokenOllamaChat,
  errorInOllamaChat,
  ollamaChat,
  ollamaError,
  ollamaTags,
  thinkingOllamaChat,
} from './testing/ollama-fixtures.ts';
import { aRequest, callOptions, describeProviderContract, describeWire } from './testing/provider-conformance.ts';
import { startWireServer, type WireServer } from './testing/wire-server.ts';

/** A proxy before an Ollama asks for one; Ollama itself has no keys. */
const KEY = 'ollama-proxy-key-55aa';
const pool = new ConnectionPool();
afterAll(() => pool.close());

function make(url: string, more: Partial<ProviderGrant> = {}) {
  const grant: ProviderGrant = {
    name: 'ollama',
    type: 'Ollama',
    endpoint: url,
    model: 'fixture-model',
    apiKey: KEY,
    probeIntervalSeconds: 300,
    ...more,
  };
  const endpoint = endpointOf(grant);
  if (!endpoint) throw new Error('the grant names no place');
  return createOllamaProvider({ grant, endpoint, pool, clock: systemClock, refusedHosts: [] });
}

describeWire({
  name: "Ollama's wire",
  key: KEY,
  keyHeader: 'authorization',
  make: (url) => make(url),
  answer: (text) => ollamaChat(text),
  answerWithoutUsage: (text) => ollamaChat(text, { usage: 'missing' }),
  cutOff: (text) => ollamaChat(text, { finish: 'length' }),
  thinking: thinkingOllamaChat,
  broken: brokenOllamaChat,
  errorInStream: errorInOllamaChat,
  models: ollamaTags('fixture-model:latest', 'newer:4b'),
  badList: { chunks: ['{"models": "what"}'] },
  failures: {
    'a proxy that refuses the key': { reply: ollamaError(401, 'unauthorized'), kind: 'unauthorized', retryable: false },
    'a model that was not pulled': {
      reply: ollamaError(404, 'model "x" not found, try pulling it first'),
      kind: 'not-found',
      retryable: false,
    },
    'too many at once': {
      reply: ollamaError(429, 'server busy, please try again'),
      kind: 'rate-limited',
      retryable: true,
    },
    'a full queue': { reply: ollamaError(503, 'server busy, please try again'), kind: 'overloaded', retryable: true },
    'too little memory': {
      reply: ollamaError(500, 'model requires more system memory (5.6 GiB) than is available (2.1 GiB)'),
      kind: 'overloaded',
      retryable: true,
    },
    'a format that it does not know': {
      reply: ollamaError(400, 'invalid JSON schema in format'),
      kind: 'bad-request',
      retryable: false,
    },
    'an answer that is cut in the middle of its JSON': {
      reply: { headers: { 'content-type': 'application/x-ndjson' }, chunks: ['{"message": {"cont'] },
      kind: 'unusable',
      retryable: true,
    },
  },
});

describe("a provider of Ollama's own wire", () => {
  let server: WireServer;
  beforeAll(async () => {
    server = await startWireServer();
  });
  afterAll(() => server.close());
  const schema = {
    name: 'plan',
    schema: {
      type: 'object' as const,
      properties: { word: { type: 'string' as const, pattern: '^[a-z]+$' } },
      required: ['word'],
      additionalProperties: false as const,
    },
  };

  describeProviderContract('Ollama', () => {
    server.play(({ path }) => (path === '/api/tags' ? ollamaTags('fixture-model') : ollamaChat('No source is named.')));
    return make(server.url);
  });

  it('asks its own API, with the limit and a context window that holds the whole question', async () => {
    server.play(() => ollamaChat('Yes.'));
    const provider = make(`${server.url}/v1/`);
    await provider.complete(aRequest(), callOptions());
    await provider.complete(aRequest({ system: 'word '.repeat(4000) }), callOptions());
    await provider.complete(aRequest(), callOptions());
    expect(server.requests.map(({ path }) => path)).toEqual(['/api/chat', '/api/chat', '/api/chat']);
    expect(server.requests[0]?.body).toMatchObject({ stream: true, options: { num_predict: 64, num_ctx: 4096 } });
    // A smaller one again would load the model anew.
    expect(server.requests.slice(1).map(({ body }) => body.options.num_ctx)).toEqual([8192, 8192]);
  });

  it('hands the schema over as format, and steps down to shapes, to JSON, to words', async () => {
    const provider = make(server.url);
    server.play(({ body }) =>
      body.format === 'json' ? ollamaChat('{"word":"tide"}') : ollamaError(400, 'invalid format'),
    );
    expect((await provider.complete(aRequest({ schema }), callOptions())).json).toEqual({ word: 'tide' });
    expect(server.requests.map(({ body }) => body.format)).toEqual([
      schema.schema,
      { ...schema.schema, properties: { word: { type: 'string' } } },
      'json',
    ]);
    expect(provider.capabilities).toEqual(['JSONObject', 'Streaming']);
  });

  it('asks for the model that was pulled last where none is named', async () => {
    const { model: _, ...grant } = {
      name: 'ollama',
      type: 'Ollama',
      endpoint: server.url,
      probeIntervalSeconds: 300,
      model: '',
    } as const;
    const endpoint = endpointOf(grant);
    if (!endpoint) throw new Error('no place');
    const provider = createOllamaProvider({ grant, endpoint, pool, clock: systemClock, refusedHosts: [] });
    server.play(({ path }) => (path === '/api/tags' ? ollamaTags('old:1b', 'new:4b') : ollamaChat('Yes.')));
    expect((await provider.complete(aRequest(), callOptions())).model).toBe('new:4b');
    expect(await provider.probe(new AbortController().signal)).toEqual({
      name: 'ollama',
      model: 'new:4b',
      healthy: 'True',
      reason: 'Healthy',
      models: ['new:4b', 'old:1b'],
    });
  });

  it('says that none is pulled, and which one to use where the named one is not', async () => {
    const { signal } = new AbortController();
    server.play(() => ollamaTags());
    expect(await make(server.url).probe(signal)).toMatchObject({ healthy: 'False', reason: 'NoModelPulled' });
    server.play(() => ollamaTags('new:4b'));
    expect(await make(server.url).probe(signal)).toMatchObject({
      healthy: 'False',
      reason: 'ModelUnknown',
      replacement: 'new:4b',
    });
    const { model: _, ...nameless } = {
      name: 'o',
      type: 'Ollama',
      endpoint: server.url,
      probeIntervalSeconds: 300,
      model: '',
    } as const;
    const endpoint = endpointOf(nameless);
    if (!endpoint) throw new Error('no place');
    server.play(() => ollamaTags());
    const call = createOllamaProvider({ grant: nameless, endpoint, pool, clock: systemClock, refusedHosts: [] });
    await expect(call.complete(aRequest(), callOptions())).rejects.toThrow(/ollama pull \S+/);
  });
});
