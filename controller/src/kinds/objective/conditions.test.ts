import { conditionSchema } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import {
  CONDITION_TABLE,
  DISTINCT_MODELS,
  fill,
  OBJECTIVE_CONDITIONS,
  ONE_MODEL,
  type Row,
  toConditions,
} from './conditions.ts';

const now = '2026-11-24T12:00:00Z';
const facts = {
  cause: 'NoFreeWagon',
  message: 'every matching wagon is busy',
  wagon: 'lxc-core',
  round: '1',
  taskCount: '2',
  planNumber: '1',
  decidedBy: 'alice',
  improved: 'NotInstalled',
  improvedMessage: 'Not installed.',
};
const rows = Object.keys(CONDITION_TABLE) as Row[];
const of = (row: Row) => toConditions(CONDITION_TABLE[row], facts, { before: undefined, generation: 3, now });
const status = (row: Row, type: string) => of(row).find((condition) => condition.type === type)?.status;

describe('the table of conditions', () => {
  it.each(rows)('gives valid, distinct and filled-in conditions in %s', (row) => {
    const conditions = of(row);
    for (const condition of conditions) {
      expect(conditionSchema.safeParse(condition).error?.issues ?? []).toEqual([]);
      expect(`${condition.reason} ${condition.message}`).not.toMatch(/[{}]|undefined/);
      expect(condition.observedGeneration).toBe(3);
    }
    const order = conditions.map(({ type }) => OBJECTIVE_CONDITIONS.indexOf(type as never));
    expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
  });

  it.each(rows)('says Ready in %s, and True only when Completed', (row) => {
    expect(status(row, 'Ready')).toBe(row === 'Completed' ? 'True' : 'False');
  });

  it.each(rows)('never has Reconciling and Stalled at once, nor one of them that is not True, in %s', (row) => {
    const abnormal = of(row).filter(({ type }) => type === 'Reconciling' || type === 'Stalled');
    expect(abnormal.length).toBeLessThanOrEqual(1);
    expect(abnormal.every((condition) => condition.status === 'True')).toBe(true);
  });

  it('is settled exactly where nothing is worked on', () => {
    const settled = rows.filter((row) => status(row, 'Reconciling') === undefined);
    expect(settled).toEqual([
      'AwaitingHuman',
      'Completed',
      'Failed before approval',
      'Failed after approval',
      'Aborted in debate',
      'Aborted at the gate',
      'Aborted in execution',
      'Aborted in improvement',
      'Expired',
    ]);
  });

  it('ends as a Job does', () => {
    expect(rows.filter((row) => status(row, 'Complete') === 'True')).toEqual(['Completed']);
    expect(rows.filter((row) => status(row, 'Failed') === 'True')).toEqual([
      'Failed before approval',
      'Failed after approval',
    ]);
  });

  it('says Approved only after somebody approved', () => {
    expect(rows.filter((row) => status(row, 'Approved') === 'True')).toEqual([
      'Executing',
      'Improving',
      'Completed',
      'Failed after approval',
      'Aborted in execution',
      'Aborted in improvement',
    ]);
  });
});

describe('the hint about models', () => {
  it.each([
    ['differ', DISTINCT_MODELS, 'kimi-k2.6, gpt-4.1'],
    ['are one', ONE_MODEL, 'kimi-k2.6'],
  ])('fits beside every row where they %s, and moves no other condition', (_what, hint, models) => {
    for (const row of rows) {
      const lines = { ...CONDITION_TABLE[row], DistinctModels: hint };
      const conditions = toConditions(lines, { ...facts, models }, { before: undefined, generation: 3, now });
      const added = conditions.find(({ type }) => type === 'DistinctModels');
      expect(conditionSchema.safeParse(added).error?.issues ?? []).toEqual([]);
      expect(added?.message).toContain(models);
      expect(conditions.filter((condition) => condition !== added)).toEqual(of(row));
    }
  });
});

describe('times of transition', () => {
  it('move with the status and not with the words', () => {
    const before = of('Pending').map((condition) => ({ ...condition, lastTransitionTime: '2026-11-24T11:00:00Z' }));
    const after = toConditions(CONDITION_TABLE.Scheduled, facts, { before, generation: 3, now });
    const time = (type: string) => after.find((condition) => condition.type === type)?.lastTransitionTime;
    expect(time('Ready')).toBe('2026-11-24T11:00:00Z');
    expect(time('Scheduled')).toBe(now);
  });
});

describe('words with facts', () => {
  it('take the fact, else the words beside it', () => {
    expect(fill('{wagon} works', { wagon: 'lxc-core' })).toBe('lxc-core works');
    expect(fill('{waiting|Executing}', {})).toBe('Executing');
    expect(fill('{waiting|Plan {n} runs}', { n: '2' })).toBe('Plan 2 runs');
    expect(fill('{waiting|Executing}', { waiting: 'NoFreeWagon' })).toBe('NoFreeWagon');
  });
});
