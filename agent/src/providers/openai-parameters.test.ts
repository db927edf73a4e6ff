import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonSchema } from './json-schema.ts';
import { openAIAt, pool } from './testing/openai-bench.ts';
import { chatCompletion, chatStream, openAIError } from './testing/openai-fixtures.ts';
import { aRequest, callOptions } from './testing/provider-conformance.ts';
import { startWireServer, type WireServer } from './testing/wire-server.ts';

afterAll(() => pool.close());

describe('what is sent to one model, and what comes otherwise', () => {
  let server: WireServer;
  beforeAll(async () => {
    server = await startWireServer();
  });
  afterAll(() => server.close());
  const schema: { name: string; schema: JsonSchema } = {
    name: 'answer',
    schema: {
      type: 'object',
      properties: { word: { type: 'string', pattern: '^[a-z]+$', maxLength: 9 } },
      required: ['word'],
      additionalProperties: false,
    },
  };

  it.each([
    ['Kimi', 'kimi-k2.6', { thinking: { type: 'disabled' } }],
    ['Kimi', 'kimi-k3', { reasoning_effort: 'low' }],
    ['OpenAI', 'gpt-5.4', { reasoning_effort: 'none' }],
    ['Gemini', 'gemini-3.5-flash', { reasoning_effort: 'low' }],
    ['OpenAI', 'gpt-4.1', {}],
    ['Mistral', 'magistral-medium-latest', {}],
  ] as const)(
    'keeps %s %s from thinking a short answer away, and lets it think where there is room',
    async (type, model, wanted) => {
      server.play(() => chatStream('Yes.'));
      const provider = openAIAt(server.url, { type, model });
      await provider.complete(aRequest(), callOptions());
      await provider.complete(aRequest({ maxTokens: 16_000 }), callOptions());
      const [short, long] = server.requests.map(({ body: { thinking, reasoning_effort: effort } }) => ({
        thinking,
        reasoning_effort: effort,
      }));
      expect(short).toEqual({ thinking: undefined, reasoning_effort: undefined, ...wanted });
      expect(long).toEqual({ thinking: undefined, reasoning_effort: undefined });
    },
  );

  it('drops a parameter that a gateway refuses by name, and remembers it', async () => {
    const provider = openAIAt(server.url, { type: 'DeepSeek' });
    server.play(({ body }) =>
      body.thinking
        ? openAIError(400, { message: 'Unrecognized request argument supplied: thinking' })
        : chatStream('Yes.'),
    );
    await provider.complete(aRequest(), callOptions());
    await provider.complete(aRequest(), callOptions());
    expect(server.requests.map(({ body }) => Boolean(body.thinking))).toEqual([true, false, false]);
  });

  it('reads an answer of a server that does not stream whatever it is asked', async () => {
    server.play(() => chatCompletion('Whole.'));
    const deltas: string[] = [];
    const answer = await openAIAt(server.url).complete(
      aRequest(),
      callOptions({ onDelta: (text) => deltas.push(text) }),
    );
    expect(answer).toMatchObject({ text: 'Whole.', inputTokens: 12, usageEstimated: false });
    expect(deltas).toEqual(['Whole.']);
  });

  it.each([
    ['a balance that is used up', { message: 'Insufficient Balance', code: 'insufficient_balance' }, 'quota'],
    ['a key that is wrong', { message: 'Invalid API key' }, 'unauthorized'],
    ['a limit', { message: 'too many requests' }, 'rate-limited'],
    ['a model that is gone', { code: 'model_not_found' }, 'not-found'],
    ['overload', { type: 'overloaded_error' }, 'overloaded'],
    ['words alone', 'it went wrong', 'unusable'],
  ])('takes an error under status 200 for what it is: %s', async (_what, error, kind) => {
    server.play(() => ({ chunks: [JSON.stringify({ error })] }));
    await expect(openAIAt(server.url).complete(aRequest(), callOptions())).rejects.toMatchObject({ kind });
  });

  it('takes a prompt that a filter withheld for an outcome', async () => {
    server.play(() =>
      openAIError(400, {
        message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy",
        code: 'content_filter',
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      }),
    );
    const answer = await openAIAt(server.url).complete(aRequest({ schema }), callOptions());
    expect(answer).toMatchObject({ finishReason: 'filter', text: '', usageEstimated: true, spent: { calls: 1 } });
    expect(server.requests).toHaveLength(1);
  });
});
