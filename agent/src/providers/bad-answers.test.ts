import type { ProviderGrant } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProvider } from './create-provider.ts';
import { ConnectionPool } from './guarded-fetch.ts';
import type { Completion, CompletionRequest } from './provider.ts';
import { ProviderError, type ProviderErrorKind } from './provider-error.ts';
import { messageStream } from './testing/anthropic-fixtures.ts';
import { ollamaChat } from './testing/ollama-fixtures.ts';
import { type AnswerShape, chatStream } from './testing/openai-fixtures.ts';
import { aRequest, callOptions } from './testing/provider-conformance.ts';
import { type Reply, startWireServer, type WireServer } from './testing/wire-server.ts';

const KEY = 'sk-bad-answers-0123456789';
const pool = new ConnectionPool();
afterAll(() => pool.close());

/** The three wires: how each says a text, and in what shape it would say a usage of somebody's making. */
const WIRES: Record<
  string,
  {
    grant: Partial<ProviderGrant>;
    say: (text: string, shape?: AnswerShape) => Reply;
    stream: string;
    usage: (input: unknown, output: unknown) => Reply;
  }
> = {
  OpenAI: {
    grant: { type: 'OpenAICompatible', wire: 'OpenAI' },
    say: chatStream,
    stream: 'text/event-stream',
    usage: (input, output) =>
      withUsage(
        chatStream('Four words stand here.'),
        '"prompt_tokens":21,"completion_tokens":9',
        `"prompt_tokens":${JSON.stringify(input)},"completion_tokens":${JSON.stringify(output)}`,
      ),
  },
  Anthropic: {
    grant: { type: 'OpenAICompatible', wire: 'Anthropic' },
    say: messageStream,
    stream: 'text/event-stream',
    usage: (input, output) => {
      const whole = withUsage(
        messageStream('Four words stand here.'),
        '"usage":{"output_tokens":9}',
        `"usage":{"output_tokens":${JSON.stringify(output)}}`,
      );
      return withUsage(whole, '"input_tokens":16', `"input_tokens":${JSON.stringify(input)}`);
    },
  },
  Ollama: {
    grant: { type: 'Ollama' },
    say: ollamaChat,
    stream: 'application/x-ndjson',
    usage: (input, output) => {
      const whole = withUsage(
        ollamaChat('Four words stand here.'),
        '"prompt_eval_count":21',
        `"prompt_eval_count":${JSON.stringify(input)}`,
      );
      return withUsage(whole, '"eval_count":9', `"eval_count":${JSON.stringify(output)}`);
    },
  },
};

function withUsage(reply: Reply, from: string, to: string): Reply {
  const chunks = reply.chunks?.map((chunk) => chunk.replace(from, to)) ?? [];
  if (!reply.chunks?.join('').includes(from)) throw new Error(`the fixture has no ${from}`);
  return { ...reply, chunks };
}

const schema: NonNullable<CompletionRequest['schema']> = {
  name: 'plan',
  schema: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'], additionalProperties: false },
};
const JSON_ANSWER = '{"word":"tide"}';

describe.each(Object.entries(WIRES))('on the wire of %s', (_wire, { grant, say, stream, usage }) => {
  let server: WireServer;
  beforeAll(async () => {
    server = await startWireServer();
  });
  afterAll(() => server.close());
  const ask = (reply: Reply, request: Partial<CompletionRequest> = {}): Promise<Completion> => {
    server.play(() => reply);
    const whole = {
      name: 'it',
      endpoint: `${server.url}/v1`,
      model: 'm',
      apiKey: KEY,
      probeIntervalSeconds: 300,
      ...grant,
    } as ProviderGrant;
    return createProvider(whole, { pool, clock: systemClock, refusedHosts: [] }).complete(
      aRequest(request),
      callOptions(),
    );
  };
  const failure = async (reply: Reply, request?: Partial<CompletionRequest>): Promise<ProviderError> => {
    const error = await ask(reply, request).catch((thrown: unknown) => thrown);
    if (!ProviderError.isInstance(error)) throw new Error(`expected a ProviderError, got ${JSON.stringify(error)}`);
    expect(error.message).not.toContain(KEY);
    expect(error.message.length).toBeLessThan(500);
    return error;
  };
  const json = { 'content-type': 'application/json' };
  const events = { 'content-type': stream };
  const cut = (text: string) => ({ headers: events, chunks: [text] });

  const REFUSED: [string, Reply, ProviderErrorKind][] = [
    ['nothing at all', { headers: events, chunks: [] }, 'unusable'],
    ['an empty body that is called JSON', { headers: json, chunks: [''] }, 'unusable'],
    ['an empty text', say(''), 'unusable'],
    ['a text of blanks', say(' \n\t '), 'unusable'],
    [
      'a web page',
      { headers: { 'content-type': 'text/html; charset=utf-8' }, chunks: ['<html><h1>Sign in</h1></html>'] },
      'unusable',
    ],
    ['a web page that is called JSON', { headers: json, chunks: ['<html><h1>Sign in</h1></html>'] }, 'unusable'],
    ['JSON that is cut off', { headers: json, chunks: ['{"choices": [{"message": {"cont'] }, 'unusable'],
    ['a list', { headers: json, chunks: ['[1,2,3]'] }, 'unusable'],
    ['null', { headers: json, chunks: ['null'] }, 'unusable'],
    ['an object of another API', { headers: json, chunks: ['{"hello":"world"}'] }, 'unusable'],
    ['an error under status 200', { headers: json, chunks: ['{"error":{"message":"Insufficient Balance"}}'] }, 'quota'],
    [
      'an error of words under status 200',
      { headers: json, chunks: ['{"error":"too many requests"}'] },
      'rate-limited',
    ],
    [
      'a key that is refused under status 200',
      { headers: json, chunks: ['{"error":{"message":"invalid api key"}}'] },
      'unauthorized',
    ],
    ['an event that is no JSON', cut('data: {"id": "chat\n\n{"message": oops}\n'), 'unusable'],
    ['binary noise', cut('\u0000\u0001\u0002\ufffd\n\n'), 'unusable'],
    [
      'a page of a gateway',
      { status: 502, headers: { 'content-type': 'text/html' }, chunks: ['<html>502</html>'] },
      'overloaded',
    ],
    ['an error without a body', { status: 500, chunks: [] }, 'overloaded'],
    [
      'an error that quotes the key',
      { status: 401, chunks: [JSON.stringify({ error: { message: `no: ${KEY}` } })] },
      'unauthorized',
    ],
    ['a redirect to metadata', { status: 302, headers: { location: 'http://169.254.169.254/latest' } }, 'bad-request'],
    ['a status of its own making', { status: 299, headers: json, chunks: ['{}'] }, 'unusable'],
  ];
  it.each(REFUSED)('refuses %s', async (_what, reply, kind) => {
    expect(await failure(reply)).toMatchObject({ kind, provider: 'it' });
  });

  it('cuts an endless answer off long before it is large, does not ask again, and books what came', async () => {
    const endless = say('tide and time '.repeat(20_000));
    const error = await failure(endless);
    expect(error).toMatchObject({
      kind: 'unusable',
      isRetryable: false,
      spent: { calls: 1, estimatedTokens: expect.any(Number) },
    });
    expect(error.spent.outputTokens).toBeLessThan(10_000);
  });

  it('reads five megabytes where so much was asked for, and refuses more than is ever asked for', async () => {
    const large = (characters: number): Reply => ({ ...say('x'), chunks: bulk(say('@@@@').chunks ?? [], characters) });
    expect((await ask(large(3_900_000), { maxTokens: 1_000_000 })).text.length).toBeGreaterThan(3_800_000);
    expect(await failure(large(5_200_000), { maxTokens: 1_000_000 })).toMatchObject({
      kind: 'unusable',
      isRetryable: false,
    });
  });

  const IMPOSSIBLE: [unknown, unknown][] = [
    [-5, 9],
    [21, -9],
    ['21', '9'],
    [9e15, 9],
    [21, 5e7],
    [1.5, 2.5],
    [null, null],
    [0, 0],
    [[], {}],
  ];
  it.each(IMPOSSIBLE)('counts by itself, and says so, where usage says %j and %j', async (input, output) => {
    const answer = await ask(usage(input, output));
    expect(answer).toMatchObject({ text: 'Four words stand here.', usageEstimated: true, outputTokens: 6 });
    expect(answer.inputTokens).toBeGreaterThan(5);
    expect(answer.inputTokens).toBeLessThan(200);
    expect(answer.spent).toMatchObject({ inputTokens: answer.inputTokens, estimatedTokens: expect.any(Number) });
  });

  it.each([
    ['JSON that is cut off', '{"word": "ti', undefined, 'length'],
    ['whole JSON that the limit cut off after', JSON_ANSWER, undefined, 'length'],
    ['prose', 'I would rather talk.', undefined, 'stop'],
    ['a list', '[{"word":"tide"}]', { word: 'tide' }, 'stop'],
    ['JSON of another shape', '{"words":["tide"]}', { words: ['tide'] }, 'stop'],
    ['JSON in a fence', `\`\`\`json\n${JSON_ANSWER}\n\`\`\``, { word: 'tide' }, 'stop'],
    ['JSON with a key of a prototype', '{"__proto__":{"x":1},"word":"tide"}', { word: 'tide' }, 'stop'],
  ])('hands %s over as text, with JSON only where a whole object stands in it', async (_what, text, found, finish) => {
    const answer = await ask(
      say(text, {
        finish:
          finish === 'length'
            ? stream === 'text/event-stream' && say === messageStream
              ? 'max_tokens'
              : 'length'
            : say === messageStream
              ? 'end_turn'
              : 'stop',
      }),
      { schema },
    );
    expect(answer).toMatchObject({ text, finishReason: finish });
    if (found === undefined) expect(answer.json).toBeUndefined();
    else expect(answer.json).toMatchObject(found);
    expect(Object.getPrototypeOf(answer.json ?? {})).toBe(Object.prototype);
  });
});

/** The fixture with its piece made large: many pieces of 16,000 characters. */
function bulk(chunks: readonly string[], characters: number): string[] {
  const piece = 'x'.repeat(16_000);
  const times = Math.ceil(characters / piece.length);
  return chunks.flatMap((chunk) =>
    chunk.includes('@@@@') ? Array.from({ length: times }, () => chunk.replace('@@@@', piece)) : [chunk],
  );
}
