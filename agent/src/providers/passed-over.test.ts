import { describe, expect, it } from 'vitest';
import { PassedOverBook } from './passed-over.ts';
import { always, ask, chain, clock, DIGEST, factory, first, grant, second, well } from './testing/factory-bench.ts';
import { chatStream, openAIError } from './testing/openai-fixtures.ts';
import { aRequest } from './testing/provider-conformance.ts';

describe('who did not answer before the one that did', () => {
  it('is nobody where the first of the chain answers', async () => {
    first.play(well('Yes.'));
    expect(await ask(['first', 'second'])).not.toHaveProperty('passedOver');
  });

  it.each([
    ['asks for a rest', { ...openAIError(429, {}), headers: { 'retry-after': '120' } }, 'RateLimited'],
    ['refuses the key', openAIError(401, { message: 'no' }), 'Unauthorized'],
    ['wants money', openAIError(429, { code: 'insufficient_quota' }), 'QuotaExhausted'],
    ['lost its model', openAIError(404, { code: 'model_not_found' }), 'NotFound'],
    ['is broken', { status: 503, chunks: ['{}'] }, 'Overloaded'],
  ])('is told with the reason where the first %s, and again while it rests', async (_name, reply, reason) => {
    first.play(always(reply));
    second.play(well('From the second.'));
    for (const _ of [1, 2]) {
      const { provider, passedOver } = await ask(['first', 'second']);
      expect({ provider, passedOver }).toEqual({ provider: 'second', passedOver: [{ provider: 'first', reason }] });
    }
  });

  it('tells apart a provider that nobody granted, one without a key, and one that cannot be reached', async () => {
    await first.close();
    factory.setProviders({
      providers: [
        { name: 'keyless', type: 'Kimi', model: 'kimi-k2.6', probeIntervalSeconds: 300 },
        grant('first', first),
        grant('second', second),
      ],
      digest: DIGEST,
    });
    second.play(well('From the second.'));
    const { passedOver } = await ask(['elsewhere', 'keyless', 'first', 'second']);
    expect(passedOver).toEqual([
      { provider: 'elsewhere', reason: 'NotGranted' },
      { provider: 'keyless', reason: 'NoCredentials' },
      { provider: 'first', reason: 'Unreachable' },
    ]);
  });

  it('is also whoever the controller left out of the chain, at its place', async () => {
    first.play(always(openAIError(401, { message: 'no' })));
    second.play(well('From the second.'));
    const leftOut = [
      { provider: 'late', reason: 'DailyCapReached', at: 3 },
      { provider: 'dear', reason: 'DailyCapReached', at: 0 },
    ];
    const asked = { ...chain('first', 'second'), leftOut };
    const { passedOver } = await factory.complete(asked, aRequest(), {
      signal: new AbortController().signal,
      deadlineMs: 10_000,
    });
    expect(passedOver).toEqual([
      { provider: 'dear', reason: 'DailyCapReached' },
      { provider: 'first', reason: 'Unauthorized' },
    ]);
  });

  it('is nobody any more once the first is well again: it is asked first, at the very next call', async () => {
    first.play((_request, number) =>
      number === 1 ? { ...openAIError(429, {}), headers: { 'retry-after': '120' } } : chatStream('Back.'),
    );
    second.play(well('From the second.'));
    expect((await ask(['first', 'second'])).provider).toBe('second');
    clock.skip(121_000);
    const back = await ask(['first', 'second']);
    expect(back.provider).toBe('first');
    expect(back).not.toHaveProperty('passedOver');
    expect(second.requests).toHaveLength(1);
  });

  it('is not the one that comes after it, though that was asked meanwhile', async () => {
    first.play((_request, number) =>
      number === 1 ? { ...openAIError(429, {}), headers: { 'retry-after': '12' } } : chatStream('After all.'),
    );
    second.play((_request, number) => (number === 1 ? chatStream('Once.') : openAIError(400, { message: 'no' })));
    await ask(['first', 'second']);
    const answer = await ask(['first', 'second'], { deadlineMs: 60_000 });
    expect(answer).toMatchObject({ provider: 'first', text: 'After all.' });
    expect(answer).not.toHaveProperty('passedOver');
  });
});

describe('the book of a chain', () => {
  it('keeps the order of the chain, each name once, and the latest reason', () => {
    const book = new PassedOverBook(['a', 'b', 'a', 'c'], new Map([['b', 'NotGranted']]));
    book.note('a', 'RateLimited');
    book.note('a', 'Unreachable');
    expect(book.before('c')).toEqual([
      { provider: 'a', reason: 'Unreachable' },
      { provider: 'b', reason: 'NotGranted' },
    ]);
    expect(book.before('a')).toEqual([]);
    expect(book.before('nobody')).toEqual([]);
  });
});
