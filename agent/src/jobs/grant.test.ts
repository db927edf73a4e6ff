import { describe, expect, it } from 'vitest';
import { grantShortage } from './grant.ts';

describe('a grant', () => {
  it.each([
    { grant: {}, booked: [9e9, 9e9], wanted: [9e9, 9e9], short: false },
    { grant: { tokens: 100 }, booked: [60, 0], wanted: [40, 0], short: false },
    { grant: { tokens: 100 }, booked: [60, 0], wanted: [41, 0], short: true },
    { grant: { tokens: 0 }, booked: [0, 0], wanted: [1, 0], short: true },
    { grant: { costUSD: '0.5' }, booked: [0, 400_000], wanted: [9e9, 100_000], short: false },
    { grant: { costUSD: '0.5' }, booked: [0, 400_000], wanted: [1, 100_001], short: true },
  ])('$grant with $booked booked and $wanted wanted: short is $short', ({ grant, booked, wanted, short }) => {
    const [tokens = 0, microUSD = 0] = booked;
    const [moreTokens = 0, moreMicroUSD = 0] = wanted;
    const shortage = grantShortage(grant, { tokens, microUSD }, { tokens: moreTokens, microUSD: moreMicroUSD });
    expect(shortage !== undefined).toBe(short);
  });

  it('says what is left', () => {
    const booked = { tokens: 60, microUSD: 0 };
    expect(grantShortage({ tokens: 100 }, booked, { tokens: 50, microUSD: 0 })).toBe(
      'the next call may take 50 tokens, and 40 of the grant of 100 are left',
    );
  });
});
