import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOfTokens, dollars, microDollars } from './money.ts';

describe('money', () => {
  it('is read to the millionth, and what is no amount is not', () => {
    expect(microDollars('0.1')).toBe(100_000n);
    expect(microDollars('12')).toBe(12_000_000n);
    for (const none of ['1.0000001', 'free', '-1', '', '.5', '1e3', undefined])
      expect(microDollars(none)).toBeUndefined();
  });

  it('is written as it was read', () => {
    expect(dollars(100_001n)).toBe('0.100001');
    expect(dollars(2_000_000n)).toBe('2');
    fc.assert(fc.property(fc.bigInt(0n, 10n ** 20n), (micro) => microDollars(dollars(micro)) === micro));
  });

  it('that tokens cost is rounded up to a millionth', () => {
    const prices = { inputPerMillionTokens: '0.15', outputPerMillionTokens: '0.6' };
    expect(costOfTokens({ inputTokens: 1_000_000, outputTokens: 1_000_000 }, prices)).toBe(750_000n);
    expect(costOfTokens({ inputTokens: 1, outputTokens: 0 }, prices)).toBe(1n);
    expect(costOfTokens({ inputTokens: 0, outputTokens: 0 }, prices)).toBe(0n);
  });
});
