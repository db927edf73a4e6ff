import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonSchema } from './json-schema.ts';
import { openAIAt, openAIFor, pool } from './testing/openai-bench.ts';
import { chatCompletion, chatStream, modelList, openAIError, toolCallStream } from './testing/openai-fixtures.ts';
import { aRequest, callOptions, describeProviderContract } from './testing/provider-conformance.ts';
import { startWireServer, type WireServer } from './testing/wire-server.ts';

afterAll(() => pool.close());

describe('an OpenAI-compatible provider', () => {
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
  const json = JSON.stringify({ word: 'tide' });

  describeProviderContract('OpenAI', () => {
    server.play(({ method }) =>
      method === 'GET' ? modelList('fixture-model') : chatStream('The readings have no source.'),
    );
    return openAIAt(server.url);
  });

  it('asks for strict JSON and hands the parsed answer over', async () => {
    server.play(() => chatStream(json));
    const answer = await openAIAt(server.url).complete(aRequest({ schema }), callOptions());
    expect(answer.json).toEqual({ word: 'tide' });
    expect(server.requests[0]?.body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', strict: true, schema: schema.schema },
    });
  });

  it('leaves out keywords that the family refuses', async () => {
    server.play(() => chatStream(json));
    await openAIAt(server.url, { type: 'OpenAI' }).complete(aRequest({ schema }), callOptions());
    const { word } = server.requests[0]?.body.response_format.json_schema.schema.properties ?? {};
    expect(word).toEqual({ type: 'string', pattern: '^[a-z]+$' });
  });

  it('steps down the ladder where a form is refused, and remembers what works for that model', async () => {
    const provider = openAIAt(server.url);
    server.play(({ body }) =>
      body.response_format?.type === 'json_schema' || body.tools
        ? openAIError(400, { message: 'This response_format type is unavailable now' })
        : chatStream(json),
    );
    const answer = await provider.complete(aRequest({ schema }), callOptions());
    expect(answer).toMatchObject({ json: { word: 'tide' }, spent: { calls: 4, inputTokens: 21 } });
    await provider.complete(aRequest({ schema }), callOptions());
    expect(server.requests.map(({ body }) => body.response_format?.type ?? body.tool_choice?.function.name)).toEqual([
      'json_schema',
      'json_schema',
      'answer',
      'json_object',
      'json_object',
    ]);
    expect(server.requests[4]?.body.messages.at(-1).content).toContain('JSON Schema');
    expect(provider.capabilities).toEqual(['JSONObject', 'Streaming']);
    await provider.complete(aRequest({ schema }), callOptions({ model: 'another' }));
    expect(server.requests[5]?.body.response_format.type).toBe('json_schema');
  });

  it('hands a strict tool to a model that takes no schema for its answer, and reads the input of the tool', async () => {
    const provider = openAIAt(server.url);
    server.play(({ body }) =>
      body.response_format
        ? openAIError(400, { message: 'response_format is not supported' })
        : toolCallStream('answer', json),
    );
    const answer = await provider.complete(aRequest({ schema }), callOptions());
    expect(answer).toMatchObject({ json: { word: 'tide' }, text: json, finishReason: 'stop' });
    expect(server.requests.at(-1)?.body.tools[0].function).toMatchObject({ name: 'answer', strict: true });
    expect(provider.capabilities).toEqual(['Streaming', 'Tools']);
  });

  it('starts where the catalogue says that a model begins', async () => {
    server.play(() => chatStream(json));
    const groq = openAIAt(server.url, { type: 'Groq', model: 'llama-3.3-70b-versatile' });
    await groq.complete(aRequest({ schema }), callOptions());
    expect(server.requests[0]?.body.response_format).toEqual({ type: 'json_object' });
  });

  it('picks JSON out of prose where a model knows no form at all', async () => {
    const provider = openAIAt(server.url);
    server.play(({ body }) =>
      body.response_format || body.tools
        ? openAIError(422, { message: 'response_format: extra fields not permitted' })
        : chatStream(`Sure! Here:\n\`\`\`json\n${json}\n\`\`\`\nBye.`),
    );
    expect((await provider.complete(aRequest({ schema }), callOptions())).json).toEqual({ word: 'tide' });
  });

  it('does not blame the form where the request as such is too large', async () => {
    server.play(() =>
      openAIError(400, {
        message: 'the request exceeds the available context size',
        type: 'exceed_context_size_error',
      }),
    );
    await expect(openAIAt(server.url).complete(aRequest({ schema }), callOptions())).rejects.toMatchObject({
      kind: 'bad-request',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('leaves a rung behind that is silently ignored', async () => {
    const provider = openAIAt(server.url);
    server.play(() => chatStream('I would rather talk.'));
    expect((await provider.complete(aRequest({ schema }), callOptions())).json).toBeUndefined();
    server.play(() => chatStream(json));
    await provider.complete(aRequest({ schema }), callOptions());
    expect(server.requests[0]?.body.response_format.json_schema.schema.properties.word).toEqual({ type: 'string' });
  });

  it('never takes JSON from an answer that was cut off', async () => {
    server.play(() => chatStream(json, { finish: 'length' }));
    expect((await openAIAt(server.url).complete(aRequest({ schema }), callOptions())).json).toBeUndefined();
  });

  it('starts DeepSeek with json_object, and keeps it from thinking its answer away', async () => {
    server.play(() => chatStream(json));
    await openAIAt(server.url, { type: 'DeepSeek' }).complete(aRequest({ schema }), callOptions());
    expect(server.requests[0]?.body).toMatchObject({
      response_format: { type: 'json_object' },
      thinking: { type: 'disabled' },
    });
    expect(server.requests[0]?.body.messages.at(-1).content).toMatch(/JSON/);
  });

  it('asks Groq for structured answers without streaming, which it does not combine', async () => {
    server.play(() => chatCompletion(json));
    const deltas: string[] = [];
    const answer = await openAIAt(server.url, { type: 'Groq' }).complete(
      aRequest({ schema }),
      callOptions({ onDelta: (text) => deltas.push(text) }),
    );
    expect(server.requests[0]?.body.stream).toBeUndefined();
    expect(answer).toMatchObject({ json: { word: 'tide' }, inputTokens: 12, outputTokens: 5 });
    expect(deltas).toEqual([json]);
  });

  it('uses the other name of the token limit where a model refuses one, and remembers it', async () => {
    const provider = openAIAt(server.url);
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    server.play(({ body }) =>
      body.max_tokens ? openAIError(400, { message, code: 'unsupported_parameter' }) : chatStream('Yes.'),
    );
    await provider.complete(aRequest(), callOptions());
    await provider.complete(aRequest(), callOptions());
    expect(server.requests.map(({ body }) => [body.max_tokens, body.max_completion_tokens])).toEqual([
      [64, undefined],
      [undefined, 64],
      [undefined, 64],
    ]);
  });

  it('takes neither key nor headers nor address from the environment', async () => {
    const strays = {
      OPENAI_API_KEY: 'sk-stray',
      OPENAI_BASE_URL: 'http://127.0.0.1:1',
      OPENAI_ORG_ID: 'org-stray',
      OPENAI_CUSTOM_HEADERS: 'x-stray: yes',
    };
    const before = { ...process.env };
    Object.assign(process.env, strays);
    try {
      server.play(() => chatStream('Yes.'));
      const { apiKey: _, ...keyless } = {
        name: 'local',
        type: 'Ollama',
        endpoint: `${server.url}/v1`,
        model: 'llama',
        probeIntervalSeconds: 300,
        apiKey: undefined,
      } as const;
      await openAIFor(keyless).complete(aRequest(), callOptions());
      const headers = server.requests[0]?.headers ?? {};
      expect(headers.authorization).toBeUndefined();
      expect(JSON.stringify(headers)).not.toMatch(/stray/);
    } finally {
      for (const name of Object.keys(strays)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });

  it('is not asked at all without a key that it needs, or without a model', async () => {
    server.play(() => chatStream('Yes.'));
    const { apiKey: _, ...grant } = {
      name: 'openai',
      type: 'OpenAI',
      endpoint: `${server.url}/v1`,
      model: 'gpt',
      probeIntervalSeconds: 300,
      apiKey: '',
    } as const;
    const keyless = openAIFor(grant);
    await expect(keyless.complete(aRequest(), callOptions())).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(await keyless.probe(new AbortController().signal)).toMatchObject({
      healthy: 'False',
      reason: 'NoCredentials',
    });
    await expect(openAIAt(server.url, { model: '' }).complete(aRequest(), callOptions())).rejects.toMatchObject({
      kind: 'bad-request',
    });
    expect(server.requests).toEqual([]);
  });

  it('says that its model is gone where the list is complete, and only mentions it where it is not', async () => {
    server.play(() => modelList('newer-model'));
    const { signal } = new AbortController();
    expect(await openAIAt(server.url, { type: 'Mistral' }).probe(signal)).toMatchObject({
      healthy: 'False',
      reason: 'ModelUnknown',
      replacement: 'mistral-large-latest',
      models: ['newer-model'],
    });
    expect(await openAIAt(server.url, { type: 'Gemini', model: 'gemini-2.0-flash' }).probe(signal)).toMatchObject({
      healthy: 'False',
      reason: 'ModelRetired',
      ends: '2026-06-01',
      replacement: 'gemini-3.5-flash',
    });
    expect(await openAIAt(server.url).probe(signal)).toMatchObject({ healthy: 'True', reason: 'ModelNotListed' });
    server.play(() => modelList('models/fixture-model'));
    expect(await openAIAt(server.url, { type: 'Gemini' }).probe(signal)).toMatchObject({ healthy: 'True' });
    server.play(() => ({ status: 404, chunks: ['{}'] }));
    expect(await openAIAt(server.url).probe(signal)).toMatchObject({ healthy: 'Unknown', reason: 'NoModelList' });
  });
});
