import { OBJECTIVES, type Objective, PLAN_KEY } from '@dark-carnival/crds';
import { ApiError, CONFIG_MAPS, type ConfigMap } from '@dark-carnival/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

const OTHER_HASH = `sha256:${'0'.repeat(64)}`;

describe('the gate, with API server and controller together', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    await stack.join(wagon, { maxConcurrentJobs: 8 });
  });
  afterAll(async () => {
    await stack.stop();
  });

  const asked = async (spec = {}): Promise<string> => {
    const name = await stack.state({ directive: 'Plan something', ...spec });
    await stack.phase(name, 'AwaitingHuman');
    return name;
  };
  const refusal = async (attempt: Promise<unknown>): Promise<string> => {
    const error = await attempt.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ApiError)) throw new Error(`was not refused: ${String(error)}`);
    expect(error.code).toBe(422);
    return error.message;
  };

  it('refuses an approval with another hash, and one of another question', async () => {
    const name = await asked();
    expect(await refusal(stack.decide(name, 'Approve', { planHash: OTHER_HASH }))).toMatch(/must carry requestID/);
    expect(await refusal(stack.decide(name, 'Approve', { requestID: 'another-1' }))).toMatch(/must carry requestID/);
    expect((await stack.get(name)).status?.phase).toBe('AwaitingHuman');
  });

  it('takes one of two answers, and tells the other who was first', async () => {
    const name = await asked();
    const { status } = await stack.get(name);
    const answer = (decision: string, decidedBy: string) => {
      const { id, planHash } = status?.approvalRequest ?? {};
      const value = { requestID: id, planHash, decision, decidedBy };
      return stack.client.patch<Objective>(
        OBJECTIVES,
        { namespace: 'default', name },
        { type: 'json', operations: [{ op: 'add', path: '/spec/intervention', value }] },
      );
    };
    const [first, second] = await Promise.allSettled([answer('Approve', 'alice'), answer('Abort', 'bob')]);
    expect([first?.status, second?.status].sort()).toEqual(['fulfilled', 'rejected']);
    const winner = first?.status === 'fulfilled' ? 'alice' : 'bob';
    const loser =
      first?.status === 'rejected' ? first.reason : second?.status === 'rejected' ? second.reason : undefined;
    expect(String(loser)).toContain(winner);
    const done = await stack.phase(name, winner === 'alice' ? 'Completed' : 'Aborted');
    expect(done.status?.decisions).toMatchObject([{ decidedBy: winner }]);
  });

  it('cannot be answered before it asks, nor after it was answered', async () => {
    const intervention = { requestID: 'x-1', planHash: OTHER_HASH, decision: 'Approve', decidedBy: 'alice' } as const;
    expect(await refusal(stack.state({ directive: 'Eager', intervention }))).toMatch(/absent until the Objective asks/);
    const name = await asked();
    const { status } = await stack.get(name);
    await stack.decide(name, 'Approve');
    await stack.phase(name, 'Completed');
    const { id, planHash } = status?.approvalRequest ?? {};
    const flipped = { requestID: id, planHash, decision: 'Abort', decidedBy: 'bob' };
    expect(await refusal(stack.patch(name, { intervention: flipped }))).toMatch(/answered Approve by alice/);
  });

  it('debates again with the words of each feedback, and refuses a sixth', async () => {
    const name = await asked();
    for (let given = 1; given <= 5; given += 1) {
      const { status } = await stack.wait(
        name,
        ({ approvalRequest }) => approvalRequest?.feedbackLeft === 6 - given,
        `question ${given}`,
      );
      await stack.decide(name, 'Feedback', { feedback: `change ${given}` });
      await stack.wait(
        name,
        ({ approvalRequest }) => approvalRequest !== undefined && approvalRequest.id !== status?.approvalRequest?.id,
        `answer ${given}`,
      );
    }
    const last = await stack.get(name);
    expect(last.status).toMatchObject({
      debate: { round: 6 },
      approvalRequest: { feedbackLeft: 0 },
      plan: { configMapName: `${name}-plan-6` },
    });
    expect(await refusal(stack.decide(name, 'Feedback', { feedback: 'and again' }))).toMatch(
      /no feedback round is left/,
    );
    const sixth = wagon.puts.find(({ id }) => id === `${last.metadata.uid}.debate.6.1`)?.debate;
    expect(sixth?.feedback).toEqual(['change 1', 'change 2', 'change 3', 'change 4', 'change 5']);
    expect(sixth?.history).toHaveLength(15);
    await stack.decide(name, 'Approve');
    const done = await stack.phase(name, 'Completed');
    expect(done.status?.decisions?.map(({ decision }) => decision)).toEqual([
      ...Array.from({ length: 5 }, () => 'Feedback'),
      'Approve',
    ]);
  });

  it('keeps the words though the answer is removed as soon as it was taken', async () => {
    const name = await asked();
    wagon.script = () => 'run';
    await stack.decide(name, 'Feedback', { feedback: 'more fish' });
    const { metadata } = await stack.wait(
      name,
      ({ debate, phase }) => phase === 'Debating' && debate?.round === 2,
      'round 2',
    );
    await stack.client.patch(
      OBJECTIVES,
      { namespace: 'default', name },
      { type: 'json', operations: [{ op: 'remove', path: '/spec/intervention' }] },
    );
    wagon.script = new ScriptedWagon().script;
    wagon.finish(`${metadata.uid}.debate.2.1`);
    await stack.phase(name, 'AwaitingHuman');
    await stack.decide(name, 'Feedback', { feedback: 'less salt' });
    await stack.wait(name, ({ debate, phase }) => phase === 'AwaitingHuman' && debate?.round === 3, 'round 3');
    expect(wagon.puts.find(({ id }) => id === `${metadata.uid}.debate.3.1`)?.debate?.feedback).toEqual([
      'more fish',
      'less salt',
    ]);
  });

  it('never executes a plan that somebody put in the place of the approved one', async () => {
    const name = await asked();
    const ref = { namespace: 'default', name: `${name}-plan-1` };
    const { metadata, data } = await stack.client.get<ConfigMap>(CONFIG_MAPS, ref);
    await stack.client.delete(CONFIG_MAPS, ref);
    const { name: own, namespace, ownerReferences } = metadata;
    const forged = { ...data, [PLAN_KEY]: (data?.[PLAN_KEY] ?? '').replace('t1.md', 'evil.md') };
    await stack.client.create<ConfigMap>(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: own, ...(namespace ? { namespace } : {}), ...(ownerReferences ? { ownerReferences } : {}) },
      immutable: true,
      data: forged,
    });
    const before = wagon.puts.length;
    await stack.decide(name, 'Approve');
    const failed = await stack.phase(name, 'Failed');
    expect(failed.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Failed', status: 'True', reason: 'PlanTampered' }),
    );
    expect(wagon.puts.slice(before).filter(({ objective }) => objective.name === name)).toEqual([]);
  });

  it('executes without a person only where the Objective says so, and says who approved', async () => {
    const name = await stack.state({ directive: 'Trust me', approval: { mode: 'Auto' } });
    const done = await stack.phase(name, 'Completed');
    expect(done.status?.decisions).toMatchObject([{ decision: 'Approve', decidedBy: 'system:auto' }]);
  });
});
