import { describe, expect, it } from 'vitest';
import { aProviderFacts, aSnapshot, aWagonFacts } from '../../../../testing/a-snapshot.ts';
import { healthWithCaps, isSpendingNews, withoutCapped } from './daily-cap.ts';
import { place } from './placement.ts';

const until = '2026-11-25T00:00:00Z';
const kimi = aProviderFacts({ cappedUntil: until });
const mistral = aProviderFacts({ name: 'mistral', type: 'Mistral' });
const chain = { providers: ['kimi', 'mistral'], model: 'kimi-k3', maxTokens: 100 };

describe('a provider whose daily cap is used up', () => {
  it('is left out of a chain, with the model that was asked of it', () => {
    expect(withoutCapped(chain, [kimi, mistral])).toEqual({
      providers: ['mistral'],
      leftOut: [{ provider: 'kimi', reason: 'DailyCapReached', at: 0 }],
      maxTokens: 100,
    });
    expect(withoutCapped({ ...chain, providers: ['mistral', 'kimi'] }, [kimi, mistral])).toEqual({
      providers: ['mistral'],
      leftOut: [{ provider: 'kimi', reason: 'DailyCapReached', at: 1 }],
      model: 'kimi-k3',
      maxTokens: 100,
    });
    expect(withoutCapped(chain, [mistral])).toBe(chain);
  });

  it('is reached by no wagon: where nobody else is left the Objective waits, and says until when', () => {
    const wagon = aWagonFacts({ health: new Map([['kimi', 'True'] as const]) });
    const request = { spec: {}, chains: [{ providers: ['kimi'], maxTokens: 1 }] };
    const placed = (providers: (typeof kimi)[]) => place(request, [{ ...wagon, ...healthWithCaps(wagon, providers) }]);
    expect(placed([mistral]).outcome).toBe('placed');
    expect(placed([kimi])).toMatchObject({
      cause: {
        reason: 'NoHealthyProvider',
        message: `no matching wagon reaches kimi (DailyCapReached until ${until})`,
      },
    });
  });
});

describe('what was settled in this pass', () => {
  const capped = aProviderFacts({ hasDailyCap: true });
  const status = (costUSD: string, provider = 'kimi') => ({
    spentToday: { day: '2026-11-24', providers: [{ provider, costUSD }] },
  });

  it('is written before anything is assigned where it counts against a cap, and only there', () => {
    const before = aSnapshot({ providers: [capped, mistral], status: status('0.1') });
    expect(isSpendingNews(before, status('0.2'))).toBe(true);
    expect(isSpendingNews(before, status('0.1'))).toBe(false);
    expect(isSpendingNews({ ...before, providers: [aProviderFacts(), mistral] }, status('0.2'))).toBe(false);
    const other = aSnapshot({ providers: [capped, mistral], status: status('0.1', 'mistral') });
    expect(isSpendingNews(other, status('0.2', 'mistral'))).toBe(false);
  });
});
