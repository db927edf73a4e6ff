import { REHEARSAL_NAME } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { createLLMFactory } from './create-llm-factory.ts';
import {
  always,
  ask,
  chain,
  clock,
  DIGEST,
  factory,
  failureOf,
  first,
  grant,
  grantBoth,
  note,
  second,
  well,
} from './testing/factory-bench.ts';
import { modelList, openAIError } from './testing/openai-fixtures.ts';
import { aRequest } from './testing/provider-conformance.ts';

describe('money', () => {
  const prices = { inputPerMillionTokens: '2.5', outputPerMillionTokens: '10' };

  it('is counted where a provider has prices, over all tries', async () => {
    grantBoth({ prices });
    first.play(well('Yes.'));
    expect((await ask(['first'])).spent.costUSD).toBe('0.000143');
    second.play(well('Yes.'));
    expect((await ask(['second'])).spent.costUSD).toBeUndefined();
  });

  it('is unknown, and not nothing, where a provider with prices answered with an error and one without with words', async () => {
    grantBoth({ prices });
    first.play(() => openAIError(401, { message: 'no' }));
    second.play(well('Yes.'));
    const { spent } = await ask(['first', 'second']);
    expect(spent).toMatchObject({ calls: 2 });
    expect(spent.costUSD).toBeUndefined();
  });

  it('is reserved at the most that anybody of the chain may cost', () => {
    grantBoth({ prices });
    const reserved = factory.reservation(chain('second', 'first'), aRequest({ maxTokens: 1000 }));
    expect(reserved.tokens).toBeGreaterThan(1000);
    expect(Number(reserved.costUSD)).toBeGreaterThanOrEqual(0.01);
    expect(factory.reservation(chain('second'), aRequest()).costUSD).toBeUndefined();
  });
});

describe('the providers of a wagon', () => {
  it('always include the rehearsal, which is well', async () => {
    expect(
      createLLMFactory({ clock, random: () => 0, logger: { debug: note, info: note, warn: note } }).health(),
    ).toEqual([{ name: REHEARSAL_NAME, healthy: 'True', model: REHEARSAL_NAME, reason: 'Rehearsal' }]);
    expect(await ask([REHEARSAL_NAME])).toMatchObject({ rehearsal: true, usageEstimated: true });
  });

  it('never let the rehearsal stand in for a provider that is down', async () => {
    await first.close();
    expect(await failureOf(ask(['first']))).toMatchObject({ kind: 'unreachable' });
  });

  it('never let another provider take the name of the rehearsal', async () => {
    factory.setProviders({ providers: [grant(REHEARSAL_NAME, first)], digest: DIGEST });
    expect((await ask([REHEARSAL_NAME])).rehearsal).toBe(true);
    expect(first.requests).toEqual([]);
  });

  it('know the digest of what they were granted', () => {
    expect(factory.digest).toBe(DIGEST);
  });

  it('keep what was learned when the same is granted again, and forget it with a new key', async () => {
    first.play(always(openAIError(401, {})));
    await failureOf(ask(['first']));
    grantBoth();
    await failureOf(ask(['first']));
    expect(first.requests).toHaveLength(1);
    first.play(well('Welcome.'));
    grantBoth({ apiKey: 'sk-renewed-55555555' });
    expect((await ask(['first'])).text).toBe('Welcome.');
  });

  it('are probed when their interval has passed, and a probe brings back who was away', async () => {
    first.play(always(openAIError(401, {})));
    second.play(always(modelList('second-model')));
    await failureOf(ask(['first']));
    first.play(always(modelList('first-model')));
    await factory.probe();
    expect(factory.health().map(({ healthy }) => healthy)).toEqual(['True', 'True', 'True']);
    await factory.probe();
    expect(first.requests).toHaveLength(1);
    clock.skip(300_000);
    await factory.probe();
    expect(first.requests).toHaveLength(2);
    await factory.probe({ force: true });
    expect(first.requests).toHaveLength(3);
    first.play(well('Back.'));
    expect((await ask(['first'])).text).toBe('Back.');
  });

  it('may not be where the control plane or the metadata of a cloud is', async () => {
    const at = (endpoint: string) => {
      factory.setProviders({ providers: [grant('first', first, { endpoint })], digest: DIGEST });
      return failureOf(ask(['first']));
    };
    expect(await at('http://169.254.169.254/v1')).toMatchObject({ kind: 'bad-request', isRetryable: false });
    expect(await at('http://127.0.0.1:6443/v1')).toMatchObject({ kind: 'bad-request' });
    await factory.probe({ force: true });
    expect(factory.health()[1]).toMatchObject({ healthy: 'False', reason: 'Refused' });
  });

  it('show a grant without a place in their health', async () => {
    const { endpoint: _, ...placeless } = grant('first', first);
    factory.setProviders({ providers: [placeless], digest: DIGEST });
    await factory.probe();
    expect(factory.health()[1]).toMatchObject({ healthy: 'False', reason: 'NoEndpoint' });
    expect(await failureOf(ask(['first']))).toMatchObject({ kind: 'bad-request' });
  });
});
