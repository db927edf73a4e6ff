import { describe, expect, it } from 'vitest';
import { consumedWords, isDearer, leftUSD, sumUSD } from './consumption.ts';

describe('what something used, in words', () => {
  it('is plain where providers counted it', () => {
    expect(consumedWords({ tokens: 1234 })).toBe('1,234 tokens');
    expect(consumedWords({ tokens: 1234, costUSD: '0.002' })).toBe('1,234 tokens, 0.002 USD');
    expect(consumedWords({ tokens: 5, estimatedTokens: 0, costUSD: '0' })).toBe('5 tokens, 0 USD');
  });

  it('says how much of it is an estimate', () => {
    expect(consumedWords({ tokens: 1234, estimatedTokens: 200 })).toBe('~1,234 tokens (200 estimated)');
  });
});

describe('amounts of money', () => {
  it('add up without rounding, and are unknown only where each is', () => {
    expect(sumUSD(['0.1', undefined, '0.2', '0.000001'])).toBe('0.300001');
    expect(sumUSD([undefined])).toBeUndefined();
    expect(leftUSD('1', ['0.4', undefined, '0.35'])).toBe('0.25');
    expect(leftUSD('1', ['1.5'])).toBe('0');
    expect(isDearer('10', '9.999999')).toBe(true);
    expect(isDearer('0.5', '0.500000')).toBe(false);
  });
});
