import { type KubeObject, MODEL_PROVIDERS, WAGONS, wagonTokenSecretName } from '@dark-carnival/crds';
import { SECRETS } from '@dark-carnival/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aSlowModel, type SlowModel } from '../../agent/testing/slow-model.ts';
import { temporaryFolder } from '../../agent/testing/temporary-folder.ts';
import { WagonClient } from '../../agent/testing/wagon-client.ts';
import { startProcess, type WagonProcess } from '../../agent/testing/wagon-process.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

const PLAN = JSON.stringify({
  summary: 'One file.',
  tasks: [{ id: 't1', title: 'Chart', kind: 'File', instruction: 'Write it.', path: 'chart.md' }],
});

/** Real API server, controller, wagons as processes, and a model that counts what it is asked. */
describe('a pause, from the spec to the model', () => {
  let stack: RingmasterStack;
  beforeEach(async () => {
    stack = await RingmasterStack.start();
  });
  afterEach(async () => {
    await stack.stop();
  });

  /** Declares a wagon and starts it. @returns how to start it again on its own folder. */
  async function aWagon(nodeID: string): Promise<() => Promise<WagonProcess>> {
    const name = nodeID.toLowerCase();
    const port = await freePort();
    await stack.create(WAGONS, name, { nodeID, role: 'CORE', runtime: { type: 'Process', process: { port } } });
    const secret = await eventually(
      () =>
        stack.client.find<KubeObject & { data: { token: string } }>(SECRETS, {
          namespace: 'default',
          name: wagonTokenSecretName(name),
        }),
      { timeoutMs: 10_000, what: `the token of ${name}` },
    );
    const env = {
      CARNIVAL_DATA: await temporaryFolder(),
      CARNIVAL_WAGON_TOKEN: Buffer.from(secret.data.token, 'base64').toString('utf8'),
      NODE_ID: nodeID,
      PORT: String(port),
      RINGMASTER_URL: stack.hubUrl,
    };
    return async () => {
      const wagon = await startProcess(env);
      return { ...wagon, client: new WagonClient(wagon.ready.url, env.CARNIVAL_WAGON_TOKEN) };
    };
  }

  const useModel = ({ endpoint }: SlowModel) =>
    stack.create(MODEL_PROVIDERS, 'slow', { type: 'OpenAICompatible', endpoint, model: 'slow-1' });
  const pause = async (name: string) => {
    await stack.patch(name, { desiredState: 'Paused' });
    await stack.wait(
      name,
      ({ conditions }) => conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'Paused') ?? false,
      'the pause',
    );
  };
  const held = (wagon: WagonProcess, id: string) => wagon.client.jobWhen(id, (job) => job.held === true);

  it('lets the call in flight finish and begins no other, over a kill of the wagon; resumed, nothing is bought twice', async () => {
    const model = await aSlowModel();
    await useModel(model);
    const start = await aWagon('LXC-CORE');
    const first = await start();
    const name = await stack.state({ directive: 'Plan a tide chart', approval: { mode: 'Auto' } });
    const call = await model.nth(1);
    const { metadata } = await stack.phase(name, 'Debating');
    const id = `${metadata.uid}.debate.1.1`;
    await pause(name);
    await held(first, id);
    call.answer('A vision of tides.');
    await stack.wait(name, ({ debate }) => debate?.turns?.length === 1, 'the turn that was on its way');
    await first.kill('SIGKILL');

    const second = await start();
    await held(second, id);
    // It does something else from first to last: whatever it might do about the paused one, it would have done.
    await stack.wagon('lxc-core', ({ status }) => status?.providers?.some(({ name }) => name === 'slow') ?? false);
    await stack.state({ directive: 'Something else', debate: { mode: 'Single' } }, { name: 'other' });
    (await model.nth(2)).answer(PLAN);
    await stack.phase('other', 'AwaitingHuman');
    expect(model.calls).toHaveLength(2);
    await stack.patch(name, { desiredState: 'Running' });
    (await model.nth(3)).answer('{"verdict":"accept","objections":[]}');
    (await model.nth(4)).answer(PLAN);
    (await model.nth(5)).answer('# Tides\n\nHigh at noon.\n');
    const done = await stack.phase(name, 'Completed');
    expect(model.calls).toHaveLength(5);
    expect(done.status).toMatchObject({ debate: { attempt: 1 }, usage: { calls: 4, unsettled: 0 } });
  }, 120_000);

  it('resumed after its wagon was lost, goes on elsewhere from the turns that are there', async () => {
    const model = await aSlowModel();
    await useModel(model);
    const first = await (await aWagon('LXC-A'))();
    const name = await stack.state({ directive: 'Plan a tide chart', approval: { mode: 'Auto' } });
    (await model.nth(1)).answer('A vision of tides.');
    await model.nth(2);
    const { metadata } = await stack.wait(name, ({ debate }) => debate?.turns?.length === 1, 'the first turn');
    await pause(name);
    await held(first, `${metadata.uid}.debate.1.1`);
    await first.kill('SIGKILL');
    const startOther = await aWagon('LXC-B');
    await startOther();
    await eventually(
      async () => (await stack.wagon('lxc-a', ({ status }) => status?.phase === 'Stale')).metadata.name,
      { timeoutMs: 60_000, what: 'the first to be stale' },
    );
    expect((await stack.get(name)).status).toMatchObject({ phase: 'Debating', wagonName: 'lxc-a' });
    await stack.patch(name, { desiredState: 'Running' });
    const third = await model.nth(3);
    expect(third.prompt).toBe(model.calls[1]?.prompt);
    third.answer('{"verdict":"accept","objections":[]}');
    (await model.nth(4)).answer(PLAN);
    (await model.nth(5)).answer('# Tides\n\nHigh at noon.\n');
    const done = await stack.phase(name, 'Completed');
    expect(done.status).toMatchObject({ wagonName: 'lxc-b', debate: { attempt: 2 } });
    // The critic's call was in flight when its wagon was killed: bought again, once.
    expect(model.calls).toHaveLength(5);
  }, 180_000);

  it('books a call that was in flight when its wagon was killed as unsettled, in the status of the Objective', async () => {
    const model = await aSlowModel();
    await useModel(model);
    const start = await aWagon('LXC-CORE');
    const first = await start();
    const name = await stack.state({ directive: 'Plan a tide chart', debate: { mode: 'Single' } });
    await model.nth(1);
    await first.kill('SIGKILL');
    await start();
    (await model.nth(2)).answer(PLAN);
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status?.usage).toMatchObject({ calls: 2, totalTokens: 150 });
    expect(asked.status?.usage?.unsettled).toBeGreaterThan(100);
  }, 120_000);
});
