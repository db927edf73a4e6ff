import {
  type KubeObject,
  MODEL_PROVIDERS,
  type ModelProvider,
  OBJECTIVES,
  type Objective,
  type ObjectiveStatus,
} from '@dark-carnival/crds';
import { EVENTS, SECRETS } from '@dark-carnival/kube';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { environmentOf, openTwoModels, type SeatModel } from '../harness/seat-model.ts';
import { type Stack, startStack } from '../harness/stack.ts';

/** Two models, real wagons and the real control plane: who answers where one fails, who is asked when it is well again, and what waits where all fail. */
describe('a chain of two models', () => {
  let stack: Stack;
  let kimi: SeatModel;
  let mistral: SeatModel;

  beforeAll(async () => {
    [kimi, mistral] = await openTwoModels();
    stack = await startStack({
      env: environmentOf(kimi, mistral),
    });
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all([kimi?.close(), mistral?.close()]);
  });
  beforeEach(() => {
    for (const model of [kimi, mistral]) {
      model.behaviour = 'well';
      model.onAnswer = () => {};
      model.answered.length = 0;
    }
  });

  let count = 0;
  const create = async (spec: object = {}): Promise<string> => {
    count += 1;
    const name = `tides-${count}`;
    await stack.client.create<Objective>(OBJECTIVES, {
      apiVersion: 'darkcarnival.dev/v1alpha1',
      kind: 'Objective',
      metadata: { name, namespace: 'default' },
      spec: { directive: 'Write one page about the tides', ...spec },
    } as Objective);
    return name;
  };
  const get = (name: string) => stack.client.get<Objective>(OBJECTIVES, { namespace: 'default', name });
  const until = async (name: string, what: string, is: (status: ObjectiveStatus) => boolean, timeoutMs = 60_000) => {
    let seen: Objective | undefined;
    return eventually(
      async () => {
        seen = await get(name);
        return seen.status && is(seen.status) ? seen : undefined;
      },
      { timeoutMs, what },
    ).catch((error: unknown) => {
      throw new Error(`${what}: last seen ${JSON.stringify(seen?.status, undefined, 1)}`, { cause: error });
    });
  };
  const speakers = ({ status }: Objective) =>
    (status?.debate?.turns ?? []).map(({ round, seat, provider }) => `${round} ${seat} ${provider}`);
  const waitsFor = (name: string, phase: string) =>
    until(name, `${name} to wait for a provider`, (status) => {
      return status.queue?.reason === 'NoHealthyProvider' && status.phase === phase;
    });

  it('falls back where the first fails, and goes back to it in the next round; the status tells both', async () => {
    kimi.behaviour = { busySeconds: 12 };
    const name = await create();
    const asked = await until(name, 'a plan', ({ phase }) => phase === 'AwaitingHuman');
    expect(speakers(asked)).toEqual(['1 visionary mistral', '1 critic mistral', '1 tactician mistral']);
    const passedOver = [{ provider: 'kimi', reason: 'RateLimited' }];
    expect(asked.status?.debate?.turns?.map((turn) => turn.passedOver)).toEqual([passedOver, undefined, passedOver]);
    const tree = await stack.carnival('status', '--tree');
    expect(tree.stdout).toContain('visionary, round 1: mistral answered for kimi (RateLimited)');
    expect((await stack.carnival('transcript', name)).stdout).toContain('mistral answered for kimi (RateLimited)');

    kimi.behaviour = 'well';
    await eventually(
      async () => {
        const provider = await stack.client.get<ModelProvider>(MODEL_PROVIDERS, { namespace: 'default', name: 'kimi' });
        return provider.status?.conditions?.some(({ reason }) => reason === 'Healthy') || undefined;
      },
      { timeoutMs: 40_000, what: 'kimi to be well again' },
    );
    await stack.carnival('feedback', name, 'And the moon?');
    const again = await until(
      name,
      'the second plan',
      ({ phase, debate }) => phase === 'AwaitingHuman' && debate?.round === 2,
    );
    expect(speakers(again).slice(3)).toEqual(['2 visionary kimi', '2 critic mistral', '2 tactician kimi']);
    expect(again.status?.debate?.turns?.slice(3).every((turn) => turn.passedOver === undefined)).toBe(true);
    expect((await stack.carnival('status', '--tree')).stdout).not.toContain('answered for');
    expect((await stack.carnival('status', name)).stdout).toContain('mistral answered for kimi (RateLimited)');

    const { items } = await stack.client.list<KubeObject & { reason: string; message: string; type: string }>(EVENTS, {
      namespace: 'default',
    });
    const told = items
      .filter(({ reason }) => reason === 'ProviderFellBack')
      .map(({ type, message }) => `${type} ${message}`);
    expect(told.sort()).toEqual([
      'Warning tactician: mistral answered for kimi (RateLimited)',
      'Warning visionary: mistral answered for kimi (RateLimited)',
    ]);
  });

  it('outlives a key that is exchanged and refused in the middle of a debate: it waits, and goes on with the new one', async () => {
    const rotate = () => {
      for (const model of [kimi, mistral]) model.key = 'sk-new-canary-0003';
    };
    kimi.onAnswer = (seat) => (seat === 'visionary' ? rotate() : undefined);
    const name = await create();
    const message = 'no matching wagon reaches kimi (Unauthorized) or mistral (Unauthorized)';
    await until(name, 'the refused key to be told', (status) => {
      return status.conditions?.some((one) => one.type === 'Ready' && one.message === message) ?? false;
    });
    const { items } = await stack.client.list<ModelProvider>(MODEL_PROVIDERS, { namespace: 'default' });
    for (const { metadata, spec } of items) {
      const { name: secret = '', key = '' } = spec?.credentialsSecretRef ?? {};
      if (!['kimi', 'mistral'].includes(metadata.name)) continue;
      const data = { [key]: Buffer.from('sk-new-canary-0003').toString('base64') };
      await stack.client.patch(SECRETS, { namespace: 'default', name: secret }, { type: 'merge', body: { data } });
    }
    const asked = await until(name, 'a plan', ({ phase }) => phase === 'AwaitingHuman' || phase === 'Failed', 90_000);
    expect(asked.status?.phase).toBe('AwaitingHuman');
    // What the old key bought is kept.
    expect(kimi.answered.filter((seat) => seat === 'visionary')).toHaveLength(1);
    expect(JSON.stringify(asked)).not.toContain('sk-');
  });

  it('waits where neither can be reached, says what each lacks, writes nothing meanwhile, and goes on within seconds', async () => {
    for (const model of [kimi, mistral]) model.behaviour = 'down';
    const unwell = await create({ debate: { mode: 'Single', turnTimeoutSeconds: 5 } });
    const waiting = await waitsFor(unwell, 'Pending');
    const ready = waiting.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({
      status: 'False',
      reason: 'NoHealthyProvider',
      message: 'no matching wagon reaches kimi (Unreachable) or mistral (Unreachable)',
    });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect((await get(unwell)).metadata.resourceVersion).toBe(waiting.metadata.resourceVersion);
    mistral.behaviour = 'well';
    const asked = await until(unwell, 'a plan', ({ phase }) => phase === 'AwaitingHuman', 25_000);
    expect(speakers(asked)).toEqual(['1 tactician mistral']);
  });

  it('waits between two rounds and between plan and tasks, too, without using up anything', async () => {
    const fail = () => {
      for (const model of [kimi, mistral]) model.behaviour = 'down';
    };
    // The first round's plan is the last that anybody says.
    for (const model of [kimi, mistral]) model.onAnswer = (seat) => (seat === 'tactician' ? fail() : undefined);
    const name = await create({
      debate: { rounds: 2, turnTimeoutSeconds: 5 },
      approval: { mode: 'Auto' },
      execution: { retries: 0, taskTimeoutSeconds: 10 },
    });
    await waitsFor(name, 'Pending');
    expect((await get(name)).status?.debate).toMatchObject({ round: 2 });
    // The second round's plan is the last, too: so the tasks have nobody.
    for (const model of [kimi, mistral]) model.behaviour = 'well';
    const stuck = await waitsFor(name, 'Executing');
    expect(stuck.status?.tasks?.map(({ state }) => state)).toEqual(['Pending']);
    for (const model of [kimi, mistral]) model.onAnswer = () => {};
    for (const model of [kimi, mistral]) model.behaviour = 'well';
    const done = await until(name, 'the end', ({ phase }) => phase === 'Completed' || phase === 'Failed', 40_000);
    expect(done.status).toMatchObject({ phase: 'Completed', taskSummary: '1/1' });
    // Whichever was found well first.
    expect(['kimi', 'mistral']).toContain(done.status?.tasks?.[0]?.provider);
  });
});
