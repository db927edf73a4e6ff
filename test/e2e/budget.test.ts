import { OBJECTIVES, type Objective, type ObjectiveStatus } from '@dark-carnival/crds';
import { leftUSD, sumUSD } from '@dark-carnival/crds/text';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { SeatModel } from '../harness/seat-model.ts';
import { type Stack, startStack } from '../harness/stack.ts';

/** A budget that ends in the middle of things: real models' wire, real wagon, real control plane. */
describe('a budget', () => {
  let stack: Stack;
  let kimi: SeatModel;

  beforeAll(async () => {
    kimi = await SeatModel.open('kimi-k2.6');
    // No prices are written anywhere: they are the catalogue's.
    stack = await startStack({
      env: { KIMI_API_KEY: 'sk-kimi-canary-0001', KIMI_ENDPOINT: kimi.endpoint, KIMI_MODEL: 'kimi-k2.6' },
    });
  });
  afterAll(async () => {
    await stack?.stop();
    await kimi?.close();
  });
  beforeEach(() => {
    kimi.behaviour = 'well';
    kimi.onAnswer = () => {};
    kimi.answered.length = 0;
  });

  let count = 0;
  const place = (name: string) => ({ namespace: 'default', name });
  const create = async (spec: object): Promise<string> => {
    count += 1;
    const name = `budget-${count}`;
    const kind = { apiVersion: 'darkcarnival.dev/v1alpha1', kind: 'Objective', metadata: place(name) };
    await stack.client.create<Objective>(OBJECTIVES, {
      ...kind,
      spec: { directive: 'Write one page about the tides', ...spec },
    } as Objective);
    return name;
  };
  const patch = (name: string, spec: object) =>
    stack.client.patch<Objective>(OBJECTIVES, place(name), { type: 'merge', body: { spec } });
  const phase = (name: string, wanted: ObjectiveStatus['phase'], timeoutMs = 40_000): Promise<ObjectiveStatus> => {
    let seen: ObjectiveStatus | undefined;
    return eventually(
      async () => {
        seen = (await stack.client.get<Objective>(OBJECTIVES, place(name))).status;
        return seen?.phase === wanted ? seen : undefined;
      },
      { timeoutMs, what: `${name} to be ${wanted}` },
    ).catch((error: unknown) => {
      throw new Error(`last seen ${JSON.stringify(seen)}`, { cause: error });
    });
  };
  const reasonOf = ({ conditions }: ObjectiveStatus) => conditions?.find(({ type }) => type === 'Ready')?.reason;
  /** What usage has beyond turns and tasks. */
  const unaccounted = ({ usage, debate, tasks }: ObjectiveStatus) => {
    const parts = [...(debate?.turns ?? []), ...(tasks ?? [])];
    return {
      tokens: (usage?.totalTokens ?? 0) - parts.reduce((sum, { tokens = 0 }) => sum + tokens, 0),
      costUSD: leftUSD(usage?.costUSD ?? '0', [sumUSD(parts.map(({ costUSD }) => costUSD))]),
    };
  };

  it('of tokens that ends between two turns keeps what was said; raised, it goes on there and buys nothing again', async () => {
    const name = await create({
      debate: { seats: { critic: { maxTokens: 60_000 } } },
      budget: { maxTokens: 20_000 },
    });
    const failed = await phase(name, 'Failed');
    expect([reasonOf(failed), failed.debate?.stopReason]).toEqual(['BudgetExhausted', 'BudgetExhausted']);
    expect(failed.debate?.turns).toMatchObject([{ seat: 'visionary', tokens: 150, costUSD: '0.000295' }]);
    expect(failed.usage).toMatchObject({ totalTokens: 150, costUSD: '0.000295', unsettled: 0 });
    await patch(name, { budget: { maxTokens: 500_000 }, retry: 1 });
    const asked = await phase(name, 'AwaitingHuman');
    expect(kimi.answered).toEqual(['visionary', 'critic', 'tactician']);
    expect(asked.debate).toMatchObject({ round: 1, turns: [{ seat: 'visionary' }, {}, {}] });
    expect(asked.usage).toMatchObject({ totalTokens: 450, costUSD: '0.000885' });
    expect(unaccounted(asked)).toEqual({ tokens: 0, costUSD: '0' });
    expect((await stack.carnival('status', '--tree')).stdout).toContain(
      'round 1: 450 tokens, 0.000885 USD (visionary 150 for 0.000295 USD',
    );
  });

  it('of money, by the list prices, warns at the gate, ends before the task that might exceed it, and goes on with that task', async () => {
    const name = await create({ execution: { maxTokens: 100_000 }, budget: { maxCostUSD: '0.3' } });
    await phase(name, 'AwaitingHuman');
    const plan = await stack.carnival('plan', name);
    expect(plan.stdout).toMatch(/forecast {3}at most [\d,]+ tokens, 0\.8\d+ USD/);
    expect(plan.stdout).toContain('0.299115 USD of the budget');
    expect(plan.stdout).toContain('the tasks may need more money than is left');
    await stack.carnival('approve', name);
    const failed = await phase(name, 'Failed');
    expect(reasonOf(failed)).toBe('BudgetExhausted');
    expect(failed.debate?.turns).toHaveLength(3);
    await patch(name, { budget: { maxCostUSD: '5' }, retry: 1 });
    const done = await phase(name, 'Completed');
    expect(kimi.answered).toEqual(['visionary', 'critic', 'tactician', 'task']);
    expect(done.tasks).toMatchObject([{ state: 'Succeeded', provider: 'kimi', tokens: 150, costUSD: '0.000295' }]);
    expect(done.usage?.costUSD).toBe('0.00118');
    expect(unaccounted(done)).toEqual({ tokens: 0, costUSD: '0' });
  });

  it('of time runs neither while a person thinks nor while it is paused', async () => {
    const limit = 6;
    const name = await create({ budget: { maxDurationSeconds: limit } });
    kimi.onAnswer = (seat) => {
      if (seat === 'visionary') void patch(name, { desiredState: 'Paused' });
    };
    await eventually(async () => kimi.answered.includes('visionary') || undefined, {
      timeoutMs: 20_000,
      what: 'the visionary',
    });
    await new Promise((resolve) => setTimeout(resolve, (limit + 2) * 1000));
    await patch(name, { desiredState: 'Running' });
    await phase(name, 'AwaitingHuman');
    await new Promise((resolve) => setTimeout(resolve, (limit + 2) * 1000));
    await stack.carnival('approve', name);
    const done = await phase(name, 'Completed');
    expect(done.workedSeconds ?? 0).toBeLessThan(limit);
  });
});
