import type { ObjectiveStatus, TaskStatus, Turn } from '@dark-carnival/crds';
import { dollars, microDollars } from '@dark-carnival/crds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aProviderFacts, NOW_MS } from '../../../../testing/a-snapshot.ts';
import type { JobReport } from '../../../ports/wagon-client.ts';
import { settle, settleLost } from './settling.ts';
import { mergeTurns } from './turns.ts';

const facts = { nowMs: NOW_MS, providers: [aProviderFacts(), aProviderFacts({ name: 'mistral', type: 'Mistral' })] };

interface Amount {
  input: number;
  output: number;
  estimated: number;
  micro: bigint | undefined;
}

const amount: fc.Arbitrary<Amount> = fc.record({
  input: fc.nat(1_000_000),
  output: fc.nat(1_000_000),
  estimated: fc.nat(3_000_000),
  micro: fc.option(fc.bigInt({ min: 0n, max: 10n ** 12n }), { nil: undefined }),
});

const usageOf = ({ input, output, estimated, micro }: Amount): JobReport['usage'] => ({
  inputTokens: input,
  outputTokens: output,
  totalTokens: 1,
  estimatedTokens: estimated,
  calls: 1,
  unsettled: 0,
  ...(micro === undefined ? {} : { costUSD: dollars(micro) }),
});

const report = (usage: JobReport['usage'], takenBy?: JobReport['takenBy']): JobReport => ({
  id: 'u.task.a.1',
  inputsDigest: `sha256:${'0'.repeat(64)}`,
  state: 'Succeeded',
  usage,
  ...(takenBy === undefined ? {} : { takenBy }),
});

const sumOf = (costs: readonly (string | undefined)[]) =>
  costs.reduce((sum, cost) => sum + (microDollars(cost) ?? 0n), 0n);

function aTurn(round: number, seat: Turn['seat'], { input, output, estimated, micro }: Amount): Turn {
  return {
    round,
    seat,
    outcome: 'Answered',
    text: 'words',
    sha256: `sha256:${'0'.repeat(64)}`,
    inputTokens: input,
    outputTokens: output,
    estimatedTokens: estimated,
    ...(micro === undefined ? {} : { costUSD: dollars(micro) }),
  };
}

describe('what turns and tasks cost', () => {
  it('adds up to what the Objective cost, to the millionth of a dollar and to the token', () => {
    const round = fc.tuple(amount, amount, amount);
    const task = fc.array(amount, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(round, { maxLength: 5 }), fc.array(task, { maxLength: 8 }), (rounds, tasks) => {
        const status: ObjectiveStatus = { debate: { round: 1 } };
        for (const [index, amounts] of rounds.entries()) {
          const [visionary, critic, tactician] = amounts;
          const turns = [
            aTurn(index + 1, 'visionary', visionary),
            aTurn(index + 1, 'critic', critic),
            aTurn(index + 1, 'tactician', tactician),
          ];
          const total = amounts.map(usageOf).map((usage) => report(usage));
          // A wagon reports its round in one sum.
          settle(status, joined(total), facts);
          if (status.debate) status.debate.turns = mergeTurns(status.debate.turns, index + 1, turns);
        }
        status.tasks = tasks.map(
          (_, index): TaskStatus => ({ id: `t${index}`, title: 't', kind: 'File', state: 'Running' }),
        );
        for (const [index, attempts] of tasks.entries()) {
          for (const each of attempts) settle(status, report(usageOf(each)), facts, status.tasks[index]);
        }
        const parts = [...(status.debate?.turns ?? []), ...status.tasks];
        expect(sumOf(parts.map(({ costUSD }) => costUSD))).toBe(microDollars(status.usage?.costUSD) ?? 0n);
        expect(parts.reduce((sum, { tokens = 0 }) => sum + tokens, 0)).toBe(status.usage?.totalTokens ?? 0);
        expect(status.usage?.estimatedTokens ?? 0).toBeLessThanOrEqual(status.usage?.totalTokens ?? 0);
      }),
      { numRuns: 200 },
    );
  });

  it('is booked at a task for each of its attempts, for one that was lost as far as it was heard of', () => {
    const status: ObjectiveStatus = {};
    const task: TaskStatus = { id: 'a', title: 'a', kind: 'File', state: 'Running' };
    const heard = report(usageOf({ input: 10, output: 5, estimated: 0, micro: 100n }));
    settle(status, heard, facts, task);
    settleLost(status, heard, { ...facts, granted: { tokens: 40, microUSD: 350n } }, task);
    settleLost(status, undefined, { ...facts, granted: {} }, task);
    expect(task).toMatchObject({ tokens: 30, costUSD: '0.0002' });
    expect(status.usage).toMatchObject({
      totalTokens: 30,
      costUSD: '0.0002',
      unsettled: 25,
      unsettledCostUSD: '0.00025',
    });
  });
});

describe('what each provider took today', () => {
  const taken = (provider: string, costUSD: string) => ({ provider, costUSD });
  const cost = usageOf({ input: 1, output: 1, estimated: 0, micro: 1n });

  it('adds up over the attempts of one UTC day, and begins anew with the next', () => {
    const status: ObjectiveStatus = {};
    settle(status, report(cost, [taken('mistral', '0.1'), taken('kimi', '0.2')]), facts);
    settle(status, report(cost, [taken('kimi', '0.000001')]), facts);
    const providers = [taken('kimi', '0.200001'), taken('mistral', '0.1')];
    expect(status.spentToday).toEqual({ day: '2026-11-24', providers });
    const tomorrow = { ...facts, nowMs: NOW_MS + 86_400_000 };
    settle(status, report(cost, [taken('kimi', '0.5')]), tomorrow);
    expect(status.spentToday).toEqual({ day: '2026-11-25', providers: [taken('kimi', '0.5')] });
  });

  it('leaves out what is no ModelProvider, and what was free', () => {
    const status: ObjectiveStatus = {};
    settle(status, report(cost, [taken('nobody', '0.1'), taken('kimi', '0')]), facts);
    expect(status.spentToday).toBeUndefined();
  });
});

function joined(parts: readonly JobReport[]): JobReport {
  const costs = parts.map(({ usage }) => usage.costUSD).filter((each) => each !== undefined);
  const sum = (of: (usage: JobReport['usage']) => number) => parts.reduce((total, { usage }) => total + of(usage), 0);
  return report({
    inputTokens: sum((usage) => usage.inputTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    totalTokens: 0,
    estimatedTokens: sum((usage) => usage.estimatedTokens ?? 0),
    calls: parts.length,
    unsettled: 0,
    ...(costs.length === 0 ? {} : { costUSD: dollars(sumOf(costs)) }),
  });
}
