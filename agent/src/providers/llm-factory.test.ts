import { describe, expect, it } from 'vitest';
import type { Attempt } from './provider.ts';
import {
  always,
  ask,
  chain,
  clock,
  factory,
  failureOf,
  first,
  grantBoth,
  logged,
  second,
  well,
} from './testing/factory-bench.ts';
import { brokenChatStream, chatStream, openAIError } from './testing/openai-fixtures.ts';
import { aRequest } from './testing/provider-conformance.ts';

describe('a call through a chain of providers', () => {
  it('is answered by the first, and nobody else is asked', async () => {
    first.play(well('Yes.'));
    expect(await ask(['first', 'second'])).toMatchObject({ text: 'Yes.', provider: 'first', model: 'first-model' });
    expect(second.requests).toEqual([]);
  });

  it('tries again where that may help, and says what all tries consumed', async () => {
    first.play((_request, number) => (number < 3 ? { status: 500, chunks: ['{}'] } : chatStream('Yes.')));
    const answer = await ask(['first', 'second']);
    expect(answer).toMatchObject({
      provider: 'first',
      inputTokens: 21,
      spent: { inputTokens: 21, outputTokens: 9, calls: 3 },
    });
  });

  it('falls back when trying again did not help', async () => {
    first.play(always({ status: 503, chunks: ['{}'] }));
    second.play(well('From the second.'));
    expect(await ask(['first', 'second'])).toMatchObject({ provider: 'second', spent: { calls: 4 } });
    expect(first.requests).toHaveLength(3);
  });

  it.each([
    ['a refused key', openAIError(401, { message: 'no' }), 'Unauthorized'],
    ['an empty purse', openAIError(429, { code: 'insufficient_quota' }), 'QuotaExhausted'],
    ['a retired model', openAIError(404, { code: 'model_not_found' }), 'NotFound'],
  ])('never tries again after %s: it falls back, and leaves the provider alone', async (_name, reply, reason) => {
    first.play(always(reply));
    second.play(well('From the second.'));
    await ask(['first', 'second']);
    await ask(['first', 'second']);
    expect(first.requests).toHaveLength(1);
    expect(factory.health()).toContainEqual({ name: 'first', healthy: 'False', model: 'first-model', reason });
  });

  it('pays for a stream that broke, and starts over with the next try', async () => {
    first.play((_request, number) =>
      number === 1 ? brokenChatStream('Half of it', 'disconnect') : chatStream('Whole.'),
    );
    const starts: Attempt[] = [];
    const answer = await ask(['first'], { onStart: (attempt) => starts.push(attempt) });
    expect(answer.text).toBe('Whole.');
    expect(answer.spent.outputTokens).toBeGreaterThan(answer.outputTokens);
    expect(starts).toEqual([
      { provider: 'first', model: 'first-model' },
      { provider: 'first', model: 'first-model' },
    ]);
  });

  it('waits as long as the provider asks', async () => {
    first.play((_request, number) =>
      number === 1 ? { ...openAIError(429, {}), headers: { 'retry-after': '0.1' } } : chatStream('Yes.'),
    );
    const before = performance.now();
    await ask(['first']);
    expect(performance.now() - before).toBeGreaterThanOrEqual(95);
  });

  it('does not wait two minutes: it falls back now, and comes back after them', async () => {
    first.play(always({ ...openAIError(429, {}), headers: { 'retry-after': '120' } }));
    second.play(well('From the second.'));
    expect((await ask(['first', 'second'])).provider).toBe('second');
    first.play(well('Back again.'));
    expect((await ask(['first', 'second'])).provider).toBe('second');
    expect(first.requests).toEqual([]);
    clock.skip(121_000);
    expect((await ask(['first', 'second'])).provider).toBe('first');
  });

  it('says how long to wait where there is nobody else', async () => {
    first.play(always({ ...openAIError(429, {}), headers: { 'retry-after': '120' } }));
    expect(await failureOf(ask(['first']))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 120_000 });
    const again = await failureOf(ask(['first']));
    expect(again.kind).toBe('rate-limited');
    expect(again.retryAfterMs).toBeGreaterThan(100_000);
    expect(first.requests).toHaveLength(1);
  });

  it('leaves a provider that keeps failing out, until a probe finds it well', async () => {
    const { url } = first;
    await first.close();
    second.play(well('From the second.'));
    await ask(['first', 'second']);
    expect(factory.health()).toContainEqual(
      expect.objectContaining({ name: 'first', healthy: 'False', reason: 'Unreachable' }),
    );
    const before = logged.length;
    await ask(['first', 'second']);
    expect(logged.slice(before).join()).not.toContain('first');
    expect(url).toBe(first.url);
  });

  it('has one deadline over everything', async () => {
    first.play(always(brokenChatStream('Some', 'hang')));
    const before = performance.now();
    const error = await failureOf(ask(['first'], { deadlineMs: 150 }));
    expect(performance.now() - before).toBeLessThan(2000);
    expect(error).toMatchObject({ kind: 'timeout', spent: { calls: 1, outputTokens: 1 } });
  });

  it('leaves time for the next provider when the first one hangs', async () => {
    first.play(always({ after: 'hang' }));
    second.play(well('In time.'));
    expect((await ask(['first', 'second'], { deadlineMs: 900 })).text).toBe('In time.');
  });

  it('lets a slow answer finish', async () => {
    first.play(always({ ...chatStream('Slowly but surely.'), pauseMs: 15 }));
    expect((await ask(['first'])).text).toBe('Slowly but surely.');
  });

  it('ends at once, with the reason of the caller, also between two tries', async () => {
    first.play(always({ ...openAIError(429, {}), headers: { 'retry-after': '30' } }));
    const controller = new AbortController();
    const reason = new Error('the person aborted');
    const call = ask(['first'], { signal: controller.signal, deadlineMs: 60_000 });
    while (first.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it('gives the model of the chain to the first provider only', async () => {
    first.play(always(openAIError(401, {})));
    second.play(well('Yes.'));
    const { signal } = new AbortController();
    const answer = await factory.complete({ ...chain('first', 'second'), model: 'chosen' }, aRequest(), {
      signal,
      deadlineMs: 10_000,
    });
    expect(first.requests[0]?.body.model).toBe('chosen');
    expect(answer.model).toBe('second-model');
  });

  it('passes over providers that were not granted, and says so when none was', async () => {
    second.play(well('Yes.'));
    expect((await ask(['elsewhere', 'second'])).provider).toBe('second');
    expect(await failureOf(ask(['elsewhere']))).toMatchObject({ kind: 'not-found', isRetryable: false });
  });

  it('sums up what everybody said when nobody could answer; one hopeful failure makes it worth another attempt', async () => {
    first.play(always(openAIError(401, { message: 'bad key' })));
    second.play(always({ status: 503, chunks: ['{}'] }));
    const error = await failureOf(ask(['first', 'second']));
    expect(error).toMatchObject({ kind: 'overloaded', isRetryable: true });
    expect(error.message).toMatch(/first .* refused the key.*; second /);
  });

  it('keeps to the concurrency of a provider', async () => {
    grantBoth({ limits: { concurrency: 1 } });
    let open = 0;
    let most = 0;
    first.play(() => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
      }, 20);
      return { ...chatStream('Yes.'), pauseMs: 5 };
    });
    await Promise.all([ask(['first']), ask(['first']), ask(['first'])]);
    expect(most).toBe(1);
  });
});
