import { MODEL_PROVIDERS, type ModelProvider, OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { environmentOf, openTwoModels, type SeatModel } from '../harness/seat-model.ts';
import { type Stack, startStack } from '../harness/stack.ts';

/** Two models with list prices, a real wagon and the real control plane. A debate of one seat costs 0.000295 USD at kimi. */
describe('limits.maxCostUSDPerDay', () => {
  let stack: Stack;
  let kimi: SeatModel;
  let mistral: SeatModel;
  const start = (dataDir?: string) =>
    startStack({
      ...(dataDir === undefined ? {} : { dataDir }),
      keepData: true,
      env: environmentOf(kimi, mistral),
    });

  beforeAll(async () => {
    [kimi, mistral] = await openTwoModels();
    stack = await start();
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all([kimi?.close(), mistral?.close()]);
  });

  const place = (name: string) => ({ namespace: 'default', name });
  const create = (name: string, spec: object = {}) =>
    stack.client.create<Objective>(OBJECTIVES, {
      apiVersion: 'darkcarnival.dev/v1alpha1',
      kind: 'Objective',
      metadata: place(name),
      spec: {
        directive: 'Write one page about the tides',
        debate: { mode: 'Single', seats: { tactician: { providers: ['kimi', 'mistral'] } } },
        ...spec,
      },
    } as Objective);
  const get = (name: string) => stack.client.get<Objective>(OBJECTIVES, place(name));
  const asked = (name: string) =>
    eventually(async () => ((await get(name)).status?.phase === 'AwaitingHuman' ? get(name) : undefined), {
      timeoutMs: 30_000,
      what: `${name} to ask`,
    });
  const provider = () => stack.client.get<ModelProvider>(MODEL_PROVIDERS, place('kimi'));
  const ready = async () => (await provider()).status?.conditions?.find(({ type }) => type === 'Ready');
  const speaker = ({ status }: Objective) => status?.debate?.turns?.map((turn) => turn.provider);
  const cap = (maxCostUSDPerDay: string) =>
    stack.client.patch(MODEL_PROVIDERS, place('kimi'), {
      type: 'merge',
      body: { spec: { limits: { maxCostUSDPerDay } } },
    });
  const isReady = (reason: string) =>
    eventually(async () => ((await ready())?.reason === reason ? true : undefined), {
      timeoutMs: 30_000,
      what: `kimi to be ${reason}`,
    });

  it('costs no write while it is not reached; reached, the provider is left out, and the next one answers', async () => {
    await cap('0.0005');
    await isReady('Healthy');
    const before = (await provider()).metadata.resourceVersion;
    await create('first');
    expect(speaker(await asked('first'))).toEqual(['kimi']);
    expect((await provider()).metadata.resourceVersion).toBe(before);
    await create('second');
    expect(speaker(await asked('second'))).toEqual(['kimi']);
    await isReady('DailyCapReached');
    expect((await ready())?.message).toMatch(
      /0\.0005 USD\) is used up: it is asked again from \d{4}-\d\d-\d\dT00:00:00Z on/,
    );
    await create('third');
    expect(speaker(await asked('third'))).toEqual(['mistral']);
  });

  it('counts what was deleted, over a restart of everything', async () => {
    for (const name of ['first', 'second']) await stack.client.delete(OBJECTIVES, place(name));
    await eventually(async () => ((await provider()).status?.carriedToday?.costUSD === '0.00059' ? true : undefined), {
      timeoutMs: 20_000,
      what: 'what they took to be carried',
    });
    await stack.stop();
    stack = await start(stack.dataDir);
    await create('fourth');
    expect(speaker(await asked('fourth'))).toEqual(['mistral']);
    expect((await ready())?.reason).toBe('DailyCapReached');
  });

  it('lets an Objective wait where nobody else is left, says until when, writes nothing meanwhile, and goes on when it is raised', async () => {
    const seats = { tactician: { providers: ['kimi'] } };
    await create('fifth', { debate: { mode: 'Single', seats }, execution: { providers: ['kimi'] } });
    const waiting = await eventually(
      async () => {
        const seen = await get('fifth');
        return seen.status?.queue?.reason === 'NoHealthyProvider' ? seen : undefined;
      },
      { timeoutMs: 20_000, what: 'it to wait' },
    );
    const { message } = waiting.status?.conditions?.find(({ type }) => type === 'Ready') ?? {};
    expect(message).toMatch(/no matching wagon reaches kimi \(DailyCapReached until \d{4}-\d\d-\d\dT00:00:00Z\)/);
    // The wagon was restarted: its first probe is news.
    await eventually(async () => ((await provider()).status?.reachableFrom === '1/1' ? true : undefined), {
      timeoutMs: 20_000,
      what: 'the wagon to reach it',
    });
    const providerBefore = (await provider()).metadata.resourceVersion;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect((await get('fifth')).metadata.resourceVersion).toBe(waiting.metadata.resourceVersion);
    expect((await provider()).metadata.resourceVersion).toBe(providerBefore);
    await cap('1');
    expect(speaker(await asked('fifth'))).toEqual(['kimi']);
    await isReady('Healthy');
  });

  it('reached in the middle of an Objective lets the round that runs end, and gives the tasks to the next provider', async () => {
    // 0.000885 are spent: two debates that are deleted, and one that waits at its gate.
    await cap('0.0012');
    const seat = { providers: ['kimi', 'mistral'] };
    const seats = { visionary: seat, critic: seat, tactician: seat };
    await create('sixth', {
      debate: { seats },
      execution: { providers: ['kimi', 'mistral'] },
      approval: { mode: 'Auto' },
    });
    const done = await eventually(
      async () => {
        const seen = await get('sixth');
        return seen.status?.phase === 'Completed' ? seen : undefined;
      },
      { timeoutMs: 30_000, what: 'it to complete' },
    );
    expect(speaker(done)).toEqual(['kimi', 'kimi', 'kimi']);
    expect(done.status?.tasks?.map((task) => task.provider)).toEqual(['mistral']);
    expect(done.status?.spentToday?.providers).toEqual([
      { provider: 'kimi', costUSD: '0.000885' },
      { provider: 'mistral', costUSD: '0.000125' },
    ]);
  });
});
