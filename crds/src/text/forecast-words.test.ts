import { describe, expect, it } from 'vitest';
import { forecastWords } from './forecast-words.ts';

const used = { totalTokens: 600, unsettled: 100, costUSD: '0.25', unsettledCostUSD: '0.05' };

describe('a forecast beside the budget', () => {
  it('says tokens, money, and of what day the prices are', () => {
    expect(forecastWords({ tokens: 12_000, costUSD: '0.5', pricesAsOf: '2026-11-24' }, undefined, used)).toEqual({
      forecast: 'at most 12,000 tokens, 0.5 USD (list prices of 2026-11-24)',
    });
  });

  it('names whose price is unknown, and that the budget does not bound it', () => {
    const forecast = { tokens: 100, unpriced: ['bridge', 'lan'] };
    expect(forecastWords(forecast, undefined, used)).toEqual({
      forecast: 'at most 100 tokens; price unknown for bridge, lan',
    });
    expect(forecastWords(forecast, { maxCostUSD: '1' }, used)).toMatchObject({
      left: '0.7 USD of the budget',
      warning: 'maxCostUSD does not bound what bridge, lan costs: set spec.prices there',
    });
  });

  it('says what is left, counting what may have been spent', () => {
    const budget = { maxTokens: 1000, maxCostUSD: '1' };
    expect(forecastWords({ tokens: 300, costUSD: '0.7' }, budget, used)).toEqual({
      forecast: 'at most 300 tokens, 0.7 USD',
      left: '300 tokens, 0.7 USD of the budget',
    });
    expect(forecastWords({ tokens: 301, costUSD: '0.700001' }, budget, used).warning).toMatch(
      /more tokens and money than/,
    );
    expect(forecastWords({ tokens: 301, costUSD: '0.7' }, budget, used).warning).toMatch(/more tokens than is left/);
    expect(forecastWords({ tokens: 1, costUSD: '2' }, budget, undefined).warning).toMatch(/more money than is left/);
  });
});
