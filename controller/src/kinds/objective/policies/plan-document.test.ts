import { CATALOGUE, canonicalJson } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { aProviderFacts, aStoredPlan, aValidObjective } from '../../../../testing/a-snapshot.ts';
import { NO_TESTS, TWO_TASKS } from '../../../../testing/scripted-answers.ts';
import { sha256 } from '../../../runtime/digests.ts';
import { makePlan, renumber, tooLarge, verifyPlan } from './plan-document.ts';

const objective = aValidObjective();
const chain = { providers: ['kimi'], maxTokens: 1000 };
const parts = { objective, number: 1, proposal: TWO_TASKS, chain, context: [], providers: [] };
const expected = { uid: objective.uid, hash: aStoredPlan().hash };

describe('the plan that goes to the gate', () => {
  it('is canonical JSON, and the same bytes for the same parts', () => {
    const document = makePlan(parts);
    expect(document.bytes).toBe(canonicalJson(JSON.parse(document.bytes)));
    expect(document.hash).toBe(sha256(makePlan(structuredClone(parts)).bytes));
  });

  it('is another one when anything of it is', () => {
    const hashes = [
      makePlan(parts),
      makePlan({ ...parts, number: 2 }),
      makePlan({ ...parts, chain: { ...chain, providers: ['gpt'] } }),
      makePlan({ ...parts, context: [{ name: 'notes/a', text: 'x' }] }),
      makePlan({ ...parts, proposal: { ...TWO_TASKS, summary: 'Other' } }),
      makePlan({ ...parts, dissent: [NO_TESTS] }),
      makePlan({ ...parts, dissent: [{ ...NO_TESTS, response: 'Accepted' }] }),
    ].map(({ hash }) => hash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('holds the objections, and has no such member where there are none', () => {
    expect(makePlan({ ...parts, dissent: [NO_TESTS] }).plan.dissent).toEqual([NO_TESTS]);
    expect(makePlan({ ...parts, dissent: [] }).bytes).toBe(makePlan(parts).bytes);
  });

  it('forecasts the dearest way, and no cost where a price is unknown', () => {
    const prices = (inputPerMillionTokens: string) => ({ inputPerMillionTokens, outputPerMillionTokens: '1000000' });
    const cheap = aProviderFacts({ name: 'kimi', prices: prices('1') });
    const dear = aProviderFacts({ name: 'gpt', prices: prices('2') });
    const both = makePlan({ ...parts, chain: { ...chain, providers: ['kimi', 'gpt'] }, providers: [cheap, dear] });
    const alone = makePlan({ ...parts, providers: [cheap] });
    // Two tasks, each tried twice, 1000 tokens of output at a dollar each, and what the input costs.
    expect(Number(alone.plan.forecast.costUSD)).toBeGreaterThan(4000);
    expect(Number(both.plan.forecast.costUSD)).toBeGreaterThan(Number(alone.plan.forecast.costUSD));
    expect(makePlan(parts).plan.forecast).not.toHaveProperty('costUSD');
  });

  it('names those whose price is unknown, and the day of prices that nobody wrote', () => {
    const listed = aProviderFacts({ name: 'kimi', type: 'Kimi', model: 'kimi-k2.6' });
    const bridge = aProviderFacts({ name: 'bridge', type: 'Claudeson', model: 'claude' });
    const forecastOf = (names: string[]) =>
      makePlan({ ...parts, chain: { ...chain, providers: names }, providers: [listed, bridge] }).plan.forecast;
    expect(forecastOf(['kimi'])).toMatchObject({ pricesAsOf: CATALOGUE.checked, costUSD: expect.any(String) });
    expect(forecastOf(['kimi', 'bridge'])).toEqual({ tokens: expect.any(Number), unpriced: ['bridge'] });
    // What costs nothing is not unknown.
    expect(forecastOf(['rehearsal'])).toEqual({ tokens: expect.any(Number), costUSD: '0' });
  });

  it('prices the model that the chain asks of its first provider, not that one’s own', () => {
    const kimi = aProviderFacts({ name: 'kimi', type: 'Kimi', model: 'kimi-k2.6' });
    const cost = (model: string | undefined) =>
      Number(
        makePlan({ ...parts, chain: { ...chain, ...(model ? { model } : {}) }, providers: [kimi] }).plan.forecast
          .costUSD,
      );
    expect(cost('kimi-k3') / cost(undefined)).toBeGreaterThan(3);
  });

  it('keeps everything but its number when it is asked about again', () => {
    const again = renumber(aStoredPlan().plan, 2);
    expect({ ...again.plan, number: 1 }).toEqual(aStoredPlan().plan);
    expect(again.hash).not.toBe(aStoredPlan().hash);
  });

  it('is not stored beyond 256 KiB', () => {
    expect(tooLarge('x'.repeat(262_144))).toBeUndefined();
    expect(tooLarge('é'.repeat(131_073))).toMatch(/262146 bytes/);
  });
});

describe('the plan that lies in the ConfigMap', () => {
  it('is intact when its bytes hash to what was approved', () => {
    expect(verifyPlan(aStoredPlan().bytes, expected)).toMatchObject({ outcome: 'intact', plan: { number: 1 } });
  });

  it.each([
    { name: 'is missing when there is none', bytes: undefined, hash: expected.hash, want: 'missing' },
    {
      name: 'is tampered with when a letter changed',
      bytes: aStoredPlan().bytes.replace('Do the', 'Do no'),
      hash: expected.hash,
      want: 'tampered',
    },
    {
      name: 'is tampered with when white space was added',
      bytes: `${aStoredPlan().bytes} `,
      hash: expected.hash,
      want: 'tampered',
    },
    { name: 'is no plan though it hashes right', bytes: '{}', hash: sha256('{}'), want: 'tampered' },
    { name: 'is no JSON though it hashes right', bytes: '{', hash: sha256('{'), want: 'tampered' },
  ])('$name', ({ bytes, hash, want }) => {
    expect(verifyPlan(bytes, { ...expected, hash }).outcome).toBe(want);
  });

  it('is not that of another Objective', () => {
    expect(verifyPlan(aStoredPlan().bytes, { ...expected, uid: 'other' })).toMatchObject({ outcome: 'tampered' });
  });
});
