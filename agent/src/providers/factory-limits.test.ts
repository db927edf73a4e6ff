import { describe, expect, it } from 'vitest';
import {
  always,
  ask,
  chain,
  clock,
  factory,
  failureOf,
  first,
  grantBoth,
  second,
  well,
} from './testing/factory-bench.ts';
import { brokenChatStream, chatStream, openAIError, thinkingChatStream } from './testing/openai-fixtures.ts';
import { aRequest } from './testing/provider-conformance.ts';

const chosen = (model: string, names: string[]) =>
  factory.complete({ ...chain(...names), model }, aRequest(), {
    signal: new AbortController().signal,
    deadlineMs: 10_000,
  });

describe('the limits of one try', () => {
  it('end it where no first sign of life comes, and the next provider is asked', async () => {
    first.play(well('Once, so that the client is loaded.'));
    await ask(['first']);
    grantBoth({ limits: { firstTokenSeconds: 1 } });
    first.play(always({ after: 'hang' }));
    second.play(well('In time.'));
    const before = performance.now();
    const answer = await ask(['first', 'second'], { deadlineMs: 60_000 });
    expect(answer.text).toBe('In time.');
    expect(performance.now() - before).toBeLessThan(8000);
    // The tries that were sent and are booked, though nothing came.
    expect(answer).toMatchObject({ usageEstimated: true, spent: { estimatedTokens: expect.any(Number) } });
    expect(answer.spent.calls).toBe(first.requests.length + 1);
    expect(first.requests.length).toBeGreaterThan(0);
  });

  it('let a model think aloud for longer than that', async () => {
    grantBoth({ limits: { firstTokenSeconds: 1 } });
    first.play(always({ ...thinkingChatStream('At last.'), pauseMs: 200 }));
    expect((await ask(['first'])).text).toBe('At last.');
  });

  it('end a slow drip by the time that a try may take', async () => {
    grantBoth({ limits: { tryTimeoutSeconds: 1 } });
    first.play((_request, number) =>
      number === 1 ? { ...chatStream('x'.repeat(700)), pauseMs: 100 } : chatStream('Quick.'),
    );
    const answer = await ask(['first'], { deadlineMs: 30_000 });
    expect(answer.text).toBe('Quick.');
    expect(answer.spent).toMatchObject({ calls: 2, estimatedTokens: expect.any(Number) });
    expect(answer.spent.outputTokens).toBeGreaterThan(answer.outputTokens);
  });

  it('do not count the time in our own queue, nor hold it against the provider', async () => {
    grantBoth({ limits: { requestsPerMinute: 1, firstTokenSeconds: 1 } });
    first.play(well('Yes.'));
    second.play(well('Second.'));
    await ask(['first']);
    expect(await failureOf(ask(['first'], { deadlineMs: 300 }))).toMatchObject({
      kind: 'timeout',
      spent: { calls: 0 },
    });
    expect((await ask(['first', 'second'], { deadlineMs: 900 })).provider).toBe('second');
    expect(first.requests).toHaveLength(1);
    expect(factory.health()[1]).toMatchObject({ name: 'first', healthy: 'True' });
  });
});

describe('what one model does', () => {
  it('says nothing about another one of the same provider: not its retirement, nor its limits', async () => {
    first.play(({ body }) => {
      if (body.model === 'gone') return openAIError(404, { code: 'model_not_found' });
      return body.model === 'busy'
        ? { ...openAIError(429, {}), headers: { 'retry-after': '120' } }
        : chatStream('Yes.');
    });
    await failureOf(chosen('gone', ['first']));
    await failureOf(chosen('busy', ['first']));
    expect((await ask(['first'])).text).toBe('Yes.');
    const sent = first.requests.length;
    await failureOf(chosen('gone', ['first']));
    await failureOf(chosen('busy', ['first']));
    expect(first.requests).toHaveLength(sent);
    expect(factory.health()[1]).toMatchObject({ name: 'first', healthy: 'True' });
  });

  it('is held against the provider as a whole where it is about the key', async () => {
    first.play(always(openAIError(401, { message: 'no' })));
    await failureOf(chosen('one', ['first']));
    await failureOf(chosen('another', ['first']));
    expect(first.requests).toHaveLength(1);
  });

  it('is asked to rest by the body of the answer where no header says so', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '90s' }];
    first.play(
      always(openAIError(429, { status: 'RESOURCE_EXHAUSTED', message: 'You exceeded your current quota', details })),
    );
    expect(await failureOf(ask(['first']))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 90_000 });
    expect(first.requests).toHaveLength(1);
  });

  it('retired, by the catalogue and by what it answers, names what to use', async () => {
    grantBoth({ type: 'Gemini', model: 'gemini-2.0-flash' });
    clock.skip(Math.max(0, Date.parse('2026-11-24') - Date.now()));
    first.play(always(openAIError(404, { message: 'models/gemini-2.0-flash is not found' })));
    await failureOf(ask(['first']));
    expect(factory.health()[1]).toEqual({
      name: 'first',
      healthy: 'False',
      model: 'gemini-2.0-flash',
      reason: 'ModelRetired',
      ends: '2026-06-01',
      replacement: 'gemini-3.5-flash',
    });
  });
});

describe('what is booked', () => {
  it.each([
    ['in the middle of its answer', brokenChatStream('Half of it', 'disconnect')],
    ['without a reason', brokenChatStream('Half of it', 'end')],
    [
      'while it thinks',
      {
        ...thinkingChatStream('x'),
        chunks: thinkingChatStream('x').chunks?.slice(0, 4) ?? [],
        after: 'disconnect' as const,
      },
    ],
  ])('holds an estimate for a try whose stream broke %s, marked as one', async (_when, broken) => {
    first.play((_request, number) => (number === 1 ? broken : chatStream('Whole.')));
    const answer = await ask(['first']);
    expect(answer).toMatchObject({ text: 'Whole.', inputTokens: 21, outputTokens: 9, usageEstimated: true });
    // All but what the second try counted.
    const { inputTokens, outputTokens } = answer.spent;
    expect(answer.spent).toMatchObject({ calls: 2, estimatedTokens: inputTokens + outputTokens - (21 + 9) });
    expect(answer.spent.inputTokens).toBeGreaterThan(21 + 5);
    expect(answer.spent.outputTokens).toBeGreaterThan(9);
  });

  it('is not marked where a failed try was counted, or cost nothing', async () => {
    first.play((_request, number) => (number === 1 ? { status: 503, chunks: ['{}'] } : chatStream('Whole.')));
    const answer = await ask(['first']);
    expect(answer).toMatchObject({ usageEstimated: false, spent: { calls: 2, inputTokens: 21 } });
    expect(answer.spent.estimatedTokens).toBeUndefined();
  });

  it("costs what the catalogue says where another model than the provider's own was asked", async () => {
    grantBoth({
      type: 'OpenAI',
      model: 'gpt-5.4',
      prices: { inputPerMillionTokens: '2.5', outputPerMillionTokens: '15' },
    });
    first.play(well('Yes.'));
    expect((await ask(['first'])).spent.costUSD).toBe('0.000188');
    expect((await chosen('gpt-6-luna', ['first'])).spent.costUSD).toBe('0.000007');
    expect((await chosen('unheard-of', ['first'])).spent.costUSD).toBe('0.000188');
  });
});

describe('a key that is exchanged while a call is under way', () => {
  it('is used for that call too, once', async () => {
    first.play(({ headers }) => {
      if (headers.authorization === 'Bearer sk-renewed-55555555') return chatStream('Welcome.');
      grantBoth({ apiKey: 'sk-renewed-55555555' });
      return openAIError(401, { message: 'expired' });
    });
    second.play(well('From the second.'));
    expect(await ask(['first', 'second'])).toMatchObject({ text: 'Welcome.', provider: 'first', spent: { calls: 2 } });
  });

  it('does not lead to a second try where it is the same', async () => {
    first.play(() => {
      grantBoth({ probeIntervalSeconds: 600 });
      return openAIError(401, { message: 'no' });
    });
    second.play(well('From the second.'));
    expect((await ask(['first', 'second'])).provider).toBe('second');
    expect(first.requests).toHaveLength(1);
  });
});
