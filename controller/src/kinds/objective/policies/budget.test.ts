import type { ObjectiveStatus } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../../../../testing/a-snapshot.ts';
import { exhausted, roundGrant, taskGrant } from './budget.ts';
import { addUsage, bookLost, spentTokens } from './usage.ts';
import { workedSeconds } from './work-time.ts';

const usage = (totalTokens: number, more = {}) => ({
  inputTokens: totalTokens,
  outputTokens: 0,
  totalTokens,
  calls: 1,
  unsettled: 0,
  ...more,
});
const working = (since: string): NonNullable<ObjectiveStatus['conditions']>[number] => ({
  type: 'Reconciling',
  status: 'True',
  reason: 'Debating',
  message: '',
  lastTransitionTime: since,
});

describe('a budget', () => {
  it.each([
    { name: 'that nobody set never ends', budget: undefined, status: { usage: usage(1e9) }, want: false },
    {
      name: 'of tokens ends when they are used',
      budget: { maxTokens: 100 },
      status: { usage: usage(100) },
      want: true,
    },
    {
      name: 'of tokens counts what may have been spent',
      budget: { maxTokens: 100 },
      status: { usage: usage(60, { unsettled: 40 }) },
      want: true,
    },
    { name: 'of tokens goes on below', budget: { maxTokens: 100 }, status: { usage: usage(99) }, want: false },
    {
      name: 'of money ends at the limit',
      budget: { maxCostUSD: '0.5' },
      status: { usage: usage(1, { costUSD: '0.500000' }) },
      want: true,
    },
    {
      name: 'of money goes on a millionth below',
      budget: { maxCostUSD: '0.5' },
      status: { usage: usage(1, { costUSD: '0.499999' }) },
      want: false,
    },
    {
      name: 'of time ends with the seconds worked',
      budget: { maxDurationSeconds: 60 },
      status: { startTime: '2026-11-24T11:59:00Z', conditions: [working('2026-11-24T11:58:00Z')] },
      want: true,
    },
    {
      name: 'of time does not count waiting for a person',
      budget: { maxDurationSeconds: 60 },
      status: { startTime: '2026-11-24T10:00:00Z', workedSeconds: 10, conditions: [] },
      want: false,
    },
  ])('$name', ({ budget, status, want }) => {
    const cause = exhausted(budget, status as ObjectiveStatus, NOW_MS);
    expect(cause?.reason).toBe(want ? 'BudgetExhausted' : undefined);
  });

  it('grants a round all that is left', () => {
    const status = { usage: usage(60, { costUSD: '0.2' }) };
    expect(roundGrant({ maxTokens: 100, maxCostUSD: '1' }, status)).toEqual({ tokens: 40, costUSD: '0.8' });
    expect(roundGrant(undefined, status)).toEqual({});
  });

  const share = (tokens: number, microUSD = 0n) => ({ tokens, microUSD });
  const grant = (budget: object | undefined, used: object, need: object, ...outstanding: object[]) =>
    taskGrant(budget, used as ObjectiveStatus, { need, outstanding } as never);

  it('never grants tasks more together than is left', () => {
    const status = { usage: usage(100) };
    expect(grant({ maxTokens: 1000 }, status, share(400))).toEqual({ tokens: 400 });
    expect(grant({ maxTokens: 1000 }, status, share(400), share(500))).toEqual({ tokens: 400 });
    expect(grant({ maxTokens: 1000 }, status, share(401), share(500))).toBeUndefined();
  });

  it('grants a task that runs alone the whole rest', () => {
    expect(grant({ maxTokens: 1000 }, { usage: usage(900) }, share(400))).toEqual({ tokens: 100 });
    expect(grant(undefined, {}, share(400), share(1e9))).toEqual({});
  });

  it('grants money in the same way: each task what it may cost, beside what the others may', () => {
    const budget = { maxCostUSD: '1' };
    const status = { usage: usage(1, { costUSD: '0.2' }) };
    expect(grant(budget, status, share(1, 300_000n))).toEqual({ costUSD: '0.3' });
    expect(grant(budget, status, share(1, 300_000n), share(1, 500_000n))).toEqual({ costUSD: '0.3' });
    expect(grant(budget, status, share(1, 300_000n), share(1, 500_001n))).toBeUndefined();
    expect(grant(budget, status, share(1, 5_000_000n))).toEqual({ costUSD: '0.8' });
  });

  it('lets what has no price run side by side', () => {
    expect(grant({ maxCostUSD: '1' }, {}, share(1), share(1), share(1))).toEqual({ costUSD: '1' });
  });
});

describe('usage', () => {
  it('adds up, without believing a total', () => {
    const sum = addUsage(usage(10, { costUSD: '0.1' }), {
      inputTokens: 5,
      outputTokens: 6,
      totalTokens: 1,
      calls: 2,
      unsettled: 3,
      costUSD: '0.25',
    });
    expect(sum).toEqual({ inputTokens: 15, outputTokens: 6, totalTokens: 21, costUSD: '0.35', calls: 3, unsettled: 3 });
  });

  it('books what a lost assignment was granted as possibly spent', () => {
    const status: ObjectiveStatus = { usage: usage(10) };
    bookLost(status, usage(30), { tokens: 100 });
    expect(status.usage).toMatchObject({ totalTokens: 40, unsettled: 70 });
    expect(spentTokens(status.usage)).toBe(110);
  });

  it('books nothing for a lost assignment that had no limit and was never heard of', () => {
    const status: ObjectiveStatus = {};
    bookLost(status, undefined, {});
    expect(status).toEqual({});
  });
});

describe('time of work', () => {
  it('adds the open span to the closed ones', () => {
    const status = {
      workedSeconds: 100,
      startTime: '2026-11-24T11:00:00Z',
      conditions: [working('2026-11-24T11:59:30Z')],
    };
    expect(workedSeconds(status, NOW_MS)).toBe(130);
  });

  it('does not count waiting for the first wagon', () => {
    const status = { startTime: '2026-11-24T11:59:50Z', conditions: [working('2026-11-24T11:00:00Z')] };
    expect(workedSeconds(status, NOW_MS)).toBe(10);
    expect(workedSeconds({ conditions: [working('2026-11-24T11:00:00Z')] }, NOW_MS)).toBe(0);
  });
});
