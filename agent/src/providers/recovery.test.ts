import { describe, expect, it } from 'vitest';
import { always, ask, clock, factory, failureOf, first, grantBoth, second, well } from './testing/factory-bench.ts';
import { chatStream, modelList, openAIError } from './testing/openai-fixtures.ts';

const healthOf = (name: string) => factory.health().find((health) => health.name === name);
/** Looks as a wagon does, every five seconds, and says how many questions for the list of models that took. */
const lookFor = async (seconds: number) => {
  const before = first.requests.filter(({ method }) => method === 'GET').length;
  for (let passed = 0; passed < seconds; passed += 5) {
    clock.skip(5000);
    await factory.probe();
  }
  return first.requests.filter(({ method }) => method === 'GET').length - before;
};

describe('a provider that was unwell', () => {
  it('is found well within seconds, long before its interval has passed, without a token', async () => {
    second.play(always(modelList('second-model')));
    first.play(always({ status: 503, chunks: ['{}'] }));
    await factory.probe();
    expect(healthOf('first')?.healthy).toBe('False');
    first.play(always(modelList('first-model')));
    await lookFor(15);
    expect(healthOf('first')).toMatchObject({ healthy: 'True', reason: 'Healthy' });
    expect(first.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('is looked at ever more rarely, up to four times a minute; one that is well keeps to its interval', async () => {
    second.play(always(modelList('second-model')));
    first.play(always({ status: 503, chunks: ['{}'] }));
    await factory.probe();
    expect(await lookFor(60)).toBeLessThanOrEqual(6);
    expect(await lookFor(60)).toBe(4);
    expect(second.requests).toHaveLength(1);
  });

  it('is left alone for as long as it asks, and only then looked at', async () => {
    first.play(always({ ...openAIError(429, {}), headers: { 'retry-after': '120' } }));
    second.play(well('From the second.'));
    await factory.probe();
    await ask(['first', 'second']);
    first.play(({ method }) => (method === 'GET' ? modelList('first-model') : chatStream('Back.')));
    expect(await lookFor(110)).toBe(0);
    expect(healthOf('first')).toMatchObject({ healthy: 'False', reason: 'RateLimited' });
    await lookFor(20);
    expect(healthOf('first')).toMatchObject({ healthy: 'True' });
    expect(await ask(['first', 'second'])).toMatchObject({ provider: 'first', text: 'Back.' });
  });

  it('and has an empty purse is not thought well because it lists its models', async () => {
    first.play(always(openAIError(429, { code: 'insufficient_quota' })));
    await factory.probe();
    await failureOf(ask(['first']));
    first.play(always(modelList('first-model')));
    expect(await lookFor(240)).toBe(0);
    expect(healthOf('first')).toMatchObject({ healthy: 'False', reason: 'QuotaExhausted' });
  });

  it('is asked first again by the next call once its rest is over: one try, then it is well or rests longer', async () => {
    grantBoth();
    first.play(always({ status: 500, chunks: ['{}'] }));
    second.play(well('From the second.'));
    await ask(['first', 'second']);
    clock.skip(16_000);
    expect((await ask(['first', 'second'])).provider).toBe('second');
    expect(first.requests).toHaveLength(4);
    clock.skip(31_000);
    first.play(well('Back.'));
    expect(await ask(['first', 'second'])).toMatchObject({ provider: 'first' });
    expect(healthOf('first')).toMatchObject({ healthy: 'True' });
  });
});
