import { readFileSync } from 'node:fs';
import { systemClock } from '@dark-carnival/crds/clock';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planSchemaFor } from '../debate/plan-schema.ts';
import { createProvider } from './create-provider.ts';
import { ConnectionPool } from './guarded-fetch.ts';
import { chatCompletion, chatStream, openAIError } from './testing/openai-fixtures.ts';
import { aRequest, callOptions } from './testing/provider-conformance.ts';
import { startWireServer, type WireServer } from './testing/wire-server.ts';

// OpenAI's own description of its API judges every question that is sent to OpenAI and Azure, in every form that the ladder knows.
const schema: unknown = JSON.parse(
  readFileSync(new URL('./testing/openai-chat-request.schema.json', import.meta.url), 'utf8'),
);
const judge = fastify({
  ajv: {
    customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false, allErrors: true },
  },
});
judge.post('/chat', { schema: { body: schema } }, () => 'valid');
const pool = new ConnectionPool();
let server: WireServer;
beforeAll(async () => {
  server = await startWireServer();
});
afterAll(() => Promise.all([judge.close(), pool.close(), server.close()]));

const verdict = async (body: unknown) => {
  const response = await judge.inject({ method: 'POST', url: '/chat', payload: body as object });
  return response.statusCode === 200 ? 'valid' : response.body;
};

describe("OpenAI's published schema", () => {
  it('refuses what is wrong: it does judge', async () => {
    expect(await verdict({ model: 'gpt-5.4', messages: [] })).not.toBe('valid');
    expect(
      await verdict({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'x' }], reasoning_effort: 'enormous' }),
    ).not.toBe('valid');
    expect(await verdict({ messages: [{ role: 'user', content: 'x' }] })).not.toBe('valid');
  });

  it.each([
    ['gpt-5.4', 'OpenAI'],
    ['gpt-5-mini', 'OpenAI'],
    ['gpt-4o', 'OpenAI'],
    ['o3', 'OpenAI'],
    ['my-deployment', 'AzureOpenAI'],
  ] as const)('accepts every question put to %s (%s), on each rung of the ladder', async (model, type) => {
    const rungs: string[] = [];
    server.play(({ body }) => {
      const format = body.response_format?.type ?? (body.tools ? 'tool' : 'text');
      if (body.messages.at(-1).content.includes('JSON Schema') && !body.response_format)
        return chatStream('{"summary":"x","tasks":{}}');
      rungs.push(format);
      if (format === 'text') return chatStream('Yes.');
      return openAIError(400, { message: `${format} is not supported` });
    });
    const grant = {
      name: 'it',
      type,
      endpoint: `${server.url}/v1`,
      model,
      apiKey: 'k',
      probeIntervalSeconds: 300,
    } as const;
    const provider = createProvider(grant, { pool, clock: systemClock, refusedHosts: [] });
    await provider.complete(aRequest(), callOptions());
    await provider.complete(aRequest({ maxTokens: 20_000 }), callOptions());
    const plan = { name: 'plan', schema: planSchemaFor({ maxTasks: 20, maxTokens: 4096 }) };
    await provider.complete(aRequest({ schema: plan, maxTokens: 4096 }), callOptions());
    expect(rungs).toEqual(['text', 'text', 'json_schema', 'json_schema', 'tool', 'json_object']);
    expect(server.requests.length).toBe(7);
    for (const { body } of server.requests) expect(await verdict(body)).toBe('valid');
  });

  it('knows every member that is sent to OpenAI', async () => {
    const { $defs } = schema as {
      $defs: Record<string, { properties?: object; allOf?: { properties?: object; $ref?: string }[] }>;
    };
    const members = (name: string): string[] => {
      const { properties = {}, allOf = [] } = $defs[name] ?? {};
      return [
        ...Object.keys(properties),
        ...allOf.flatMap((part) =>
          part.$ref ? members(part.$ref.split('/').at(-1) ?? '') : Object.keys(part.properties ?? {}),
        ),
      ];
    };
    const known = members('CreateChatCompletionRequest');
    server.play(({ body }) => (body.stream ? chatStream('{}') : chatCompletion('{}')));
    const grant = {
      name: 'it',
      type: 'OpenAI',
      endpoint: `${server.url}/v1`,
      model: 'gpt-5.4',
      apiKey: 'k',
      probeIntervalSeconds: 300,
    } as const;
    await createProvider(grant, { pool, clock: systemClock, refusedHosts: [] }).complete(aRequest(), callOptions());
    for (const member of Object.keys(server.requests[0]?.body)) expect(known).toContain(member);
  });
});
