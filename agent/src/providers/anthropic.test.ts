import type { ProviderGrant } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAnthropicProvider } from './anthropic.ts';
import { endpointOf } from './families.ts';
import { ConnectionPool } from './guarded-fetch.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Provider } from './provider.ts';
import {
  anthropicError,
  anthropicModelList,
  brokenMessageStream,
  errorInMessageStream,
  messageStream,
  thinkingMessageStream,
  toolStream,
} from './testing/anthropic-fixtures.ts';
import { aRequest, callOptions, describeProviderContract, describeWire } from './testing/provider-conformance.ts';
import { startWireServer, type WireServer } from './testing/wire-server.ts';

const KEY = 'sk-ant-test-77aa01bb';
const pool = new ConnectionPool();
afterAll(() => pool.close());

function make(url: string, more: Partial<ProviderGrant> = {}): Provider {
  const grant: ProviderGrant = {
    name: 'claude',
    type: 'Anthropic',
    endpoint: `${url}/v1`,
    model: 'claude-fixture',
    apiKey: KEY,
    probeIntervalSeconds: 300,
    ...more,
  };
  const endpoint = endpointOf(grant);
  if (!endpoint) throw new Error('the grant names no place');
  return createAnthropicProvider({ grant, endpoint, pool, clock: systemClock, refusedHosts: [] });
}

describeWire({
  name: 'The Anthropic wire',
  key: KEY,
  keyHeader: 'x-api-key',
  make: (url) => make(url),
  answer: (text) => messageStream(text),
  answerWithoutUsage: (text) => messageStream(text, { usage: 'missing' }),
  cutOff: (text) => messageStream(text, { finish: 'max_tokens' }),
  filtered: (text) => messageStream(text, { finish: 'refusal' }),
  refusal: (words) => messageStream(words, { finish: 'refusal' }),
  thinking: thinkingMessageStream,
  broken: brokenMessageStream,
  errorInStream: errorInMessageStream,
  models: anthropicModelList('claude-other', 'claude-fixture'),
  failures: {
    'a key that is refused': {
      reply: anthropicError(401, 'authentication_error', 'invalid x-api-key'),
      kind: 'unauthorized',
      retryable: false,
    },
    'a rate limit': {
      reply: anthropicError(429, 'rate_limit_error', 'too many'),
      kind: 'rate-limited',
      retryable: true,
    },
    'an empty purse': {
      reply: anthropicError(
        400,
        'invalid_request_error',
        'Your credit balance is too low to access the Anthropic API.',
      ),
      kind: 'quota',
      retryable: false,
    },
    'a model that is gone': {
      reply: anthropicError(404, 'not_found_error', 'model: claude-2'),
      kind: 'not-found',
      retryable: false,
    },
    'a request that is refused': {
      reply: anthropicError(400, 'invalid_request_error', 'messages: text content blocks must be non-empty'),
      kind: 'bad-request',
      retryable: false,
    },
    'overload with its own status': {
      reply: anthropicError(529, 'overloaded_error', 'Overloaded'),
      kind: 'overloaded',
      retryable: true,
    },
    'a server that is broken': {
      reply: anthropicError(500, 'api_error', 'Internal'),
      kind: 'overloaded',
      retryable: true,
    },
  },
});

describe('a provider of the Anthropic wire', () => {
  let server: WireServer;
  beforeAll(async () => {
    server = await startWireServer();
  });
  afterAll(() => server.close());
  const schema: { name: string; schema: JsonSchema } = {
    name: 'plan',
    schema: {
      type: 'object',
      properties: { word: { type: 'string', pattern: '^[a-z]+$' } },
      required: ['word'],
      additionalProperties: false,
    },
  };

  describeProviderContract('Anthropic', () => {
    server.play(({ method }) =>
      method === 'GET' ? anthropicModelList('claude-fixture') : messageStream('The readings have no source.'),
    );
    return make(server.url);
  });

  it('pins the version that bridges know, and adds /v1 once', async () => {
    server.play(() => messageStream('Yes.'));
    await make(server.url).complete(aRequest(), callOptions());
    const [request] = server.requests;
    expect(request?.headers['anthropic-version']).toBe('2023-06-01');
    expect(request?.path).toBe('/v1/messages');
    expect(request?.body).toMatchObject({ system: 'You are the Critic.', max_tokens: 64, stream: true });
  });

  it('asks Anthropic itself for its own structured output', async () => {
    server.play(() => messageStream('{"word":"tide"}'));
    const answer = await make(server.url).complete(aRequest({ schema }), callOptions());
    expect(answer.json).toEqual({ word: 'tide' });
    expect(server.requests[0]?.body.output_config.format).toMatchObject({
      type: 'json_schema',
      schema: { properties: { word: { type: 'string' } } },
    });
  });

  it('forces a tool where a bridge is asked, and takes its input for the answer', async () => {
    server.play(() => toolStream('plan', { word: 'tide' }));
    const answer = await make(server.url, { type: 'Claudeson', wire: 'Anthropic' }).complete(
      aRequest({ schema }),
      callOptions(),
    );
    expect(answer).toMatchObject({ json: { word: 'tide' }, text: '{"word":"tide"}', finishReason: 'stop' });
    expect(server.requests[0]?.body).toMatchObject({ tool_choice: { type: 'tool', name: 'plan' } });
  });

  it('takes JSON out of prose where a bridge ignores the tool, and asks in words from then on', async () => {
    const provider = make(server.url, { type: 'Claudeson', wire: 'Anthropic' });
    server.play(() => messageStream('Here you are: {"word":"tide"} Good luck!'));
    expect((await provider.complete(aRequest({ schema }), callOptions())).json).toEqual({ word: 'tide' });
    server.play(() => messageStream('I would rather talk.'));
    await provider.complete(aRequest({ schema }), callOptions());
    server.play(() => messageStream('{"word":"tide"}'));
    await provider.complete(aRequest({ schema }), callOptions());
    expect(server.requests[0]?.body.tools).toBeUndefined();
    expect(server.requests[0]?.body.messages.at(-1).content).toContain('JSON Schema');
  });

  it('takes neither key nor headers from the environment', async () => {
    process.env['ANTHROPIC_AUTH_TOKEN'] = 'stray-token';
    process.env['ANTHROPIC_CUSTOM_HEADERS'] = 'x-stray: yes';
    try {
      server.play(() => messageStream('Yes.'));
      await make(server.url).complete(aRequest(), callOptions());
      expect(JSON.stringify(server.requests[0]?.headers)).not.toMatch(/stray/);
    } finally {
      delete process.env['ANTHROPIC_AUTH_TOKEN'];
      delete process.env['ANTHROPIC_CUSTOM_HEADERS'];
    }
  });
});
