import type { PlanProposal } from '@dark-carnival/crds';
import { aPlan } from '@dark-carnival/crds/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likeness } from './plan-likeness.ts';

const LONG = [
  'Write one page for the harbour master: the times of high and low water for each day of the next month, in local time, taken from the',
  'readings in data/readings.csv; name the datum, say how exact the times are, and leave out everything about currents. Close with a list of',
  'the days on which the sill cannot be crossed, and whom to ask when a reading is missing.',
].join(' ');
const planOf = (instruction: string, more: object = {}): PlanProposal => aPlan([{ instruction, ...more }]);

describe('two plans', () => {
  it('are the same but for case, punctuation and white space', () => {
    expect(likeness(planOf(LONG), planOf(`${LONG.toUpperCase().replaceAll(';', ' —\n')}!!`))).toBe('same');
  });

  it('are nearly the same with a word or two of seventy changed', () => {
    expect(likeness(planOf(LONG), planOf(LONG.replace('one page', 'two pages')))).toBe('near');
  });

  it('are different with a sentence more', () => {
    const more =
      'Add a table of the moon phases of the month, with the source of each, and explain in two sentences how they move the tides.';
    expect(likeness(planOf(LONG), planOf(`${LONG} ${more}`))).toBe('different');
  });

  it.each([
    ['another path', { path: 'docs/chart.md' }],
    ['another risk', { risk: 'High' as const }],
    ['another check', { acceptance: { type: 'ValidJSON' as const } }],
  ])('are different with %s, whatever the words', (_what, more) => {
    expect(likeness(planOf(LONG), planOf(LONG, more))).toBe('different');
  });

  it('are compared in languages without spaces too', () => {
    const first =
      'この小さな港の潮汐表を作成し、来月の満潮と干潮の時刻を毎日記録する。基準面と精度を明記し、潮流については書かない。最後に敷居を越えられない日を列挙する。';
    expect(likeness(planOf(first), planOf(first.replace('来月', '今月')))).toBe('near');
    expect(likeness(planOf(first), planOf('月の満ち欠けの表を別に書く。'))).toBe('different');
  });

  it('are as alike one way as the other, and a plan is the same as itself', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        expect(likeness(planOf(one), planOf(one))).toBe('same');
        expect(likeness(planOf(one), planOf(other))).toBe(likeness(planOf(other), planOf(one)));
      }),
    );
  });
});
