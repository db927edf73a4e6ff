import { type KubeObject, PLAN_KEY, roundConfigMapName } from '@dark-carnival/crds';
import { CONFIG_MAPS, type ConfigMap, EVENTS } from '@dark-carnival/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../controller/src/runtime/digests.ts';
import { kstatusOf } from '../../controller/src/runtime/kstatus.ts';
import { aTurn, NO_TESTS_LINE, NO_USAGE } from '../../controller/testing/scripted-answers.ts';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

type CoreEvent = KubeObject & { reason: string; involvedObject: { uid: string } };

describe('an Objective from a sentence to completed files', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();
  const configMap = (name: string) => stack.client.get<ConfigMap>(CONFIG_MAPS, { namespace: 'default', name });

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    await stack.join(wagon);
  });
  afterAll(async () => {
    await stack.stop();
  });

  it('debates, asks, executes what was approved, and completes', async () => {
    const name = await stack.state({ directive: 'Plan a tide chart' });
    const asked = await stack.phase(name, 'AwaitingHuman');
    const plan = await configMap(`${name}-plan-1`);
    const hash = sha256(plan.data?.[PLAN_KEY] ?? '');
    expect(plan).toMatchObject({
      immutable: true,
      metadata: { ownerReferences: [{ kind: 'Objective', uid: asked.metadata.uid }] },
    });
    expect(asked.status).toMatchObject({
      plan: { hash, configMapName: `${name}-plan-1`, taskCount: 2 },
      approvalRequest: {
        id: `${asked.metadata.uid}-1`,
        planHash: hash,
        feedbackLeft: 5,
        dissent: [NO_TESTS_LINE],
      },
      debate: { round: 1, attempt: 1, stopReason: 'RoundsDone' },
      wagonName: 'lxc-core',
    });
    expect(asked.status?.debate?.turns?.map(({ seat }) => seat)).toEqual(['visionary', 'critic', 'tactician']);
    expect((await configMap(roundConfigMapName(name, 1))).immutable).toBe(true);

    await stack.decide(name, 'Approve');
    const done = await stack.phase(name, 'Completed');
    expect(done.status).toMatchObject({
      taskSummary: '2/2',
      usage: { inputTokens: 210, outputTokens: 90, totalTokens: 300, calls: 3, unsettled: 0 },
      decisions: [{ decision: 'Approve', decidedBy: 'alice', planHash: hash }],
      tasks: [
        {
          id: 't1',
          state: 'Succeeded',
          attempt: 1,
          artifact: { wagonName: 'lxc-core', file: `${name}/t1.md`, state: 'Available' },
        },
        { id: 't2', state: 'Succeeded', attempt: 1, artifact: { file: `${name}/t2.md` } },
      ],
    });
    expect(done.status?.approvalRequest).toBeUndefined();
    expect(kstatusOf(done as Parameters<typeof kstatusOf>[0])).toBe('Current');
    await eventually(
      async () =>
        configMap(roundConfigMapName(name, 1)).then(
          () => undefined,
          () => true,
        ),
      { timeoutMs: 5_000, what: 'the round to be removed' },
    );
  });

  it('tells each phase as an Event', async () => {
    const name = await stack.state({ directive: 'Plan a fair' });
    await stack.decide(name, 'Approve');
    const { metadata } = await stack.phase(name, 'Completed');
    const reasons = await eventually(
      async () => {
        const { items } = await stack.client.list<CoreEvent>(EVENTS, { namespace: 'default' });
        const ours = items
          .filter(({ involvedObject }) => involvedObject.uid === metadata.uid)
          .map(({ reason }) => reason);
        return ours.length >= 5 ? ours : undefined;
      },
      { timeoutMs: 10_000, what: 'five Events' },
    );
    expect(reasons.sort()).toEqual(['AwaitingHuman', 'Completed', 'Debating', 'Executing', 'Scheduled']);
  });

  it('hands the second task what the first left, cut from the stored plan', async () => {
    const name = await stack.state({ directive: 'Plan a picnic' });
    await stack.decide(name, 'Approve');
    const done = await stack.phase(name, 'Completed');
    const second = wagon.puts.find(({ id }) => id === `${done.metadata.uid}.task.t2.1`);
    expect(second?.task).toMatchObject({
      planHash: done.status?.plan?.hash,
      directive: 'Plan a picnic',
      dependencies: [{ id: 't1', file: `${name}/t1.md`, sha256: done.status?.tasks?.[0]?.artifact?.sha256 }],
    });
  });

  it('shows turns as they finish, without giving the round twice', async () => {
    wagon.script = () => 'run';
    const name = await stack.state({ directive: 'Plan slowly' });
    const { metadata } = await stack.phase(name, 'Debating');
    const id = `${metadata.uid}.debate.1.1`;
    wagon.progress(id, {
      usage: NO_USAGE,
      debate: { activeSeat: 'critic', turns: [aTurn('visionary', 1)], dissent: [] },
    });
    await stack.wait(
      name,
      ({ debate }) => debate?.activeSeat === 'critic' && debate.turns?.length === 1,
      'the first turn',
    );
    wagon.finish(id);
    await stack.phase(name, 'AwaitingHuman');
    expect(wagon.puts.filter((put) => put.id === id)).toHaveLength(1);
    wagon.script = new ScriptedWagon().script;
  });

  it('costs six writes of status, and no other than are needed', async () => {
    const name = 'count-the-writes';
    await stack.state({ directive: 'Count the writes' }, { name });
    await stack.decide(name, 'Approve');
    await stack.phase(name, 'Completed');
    const ofOurs = () => stack.writes.filter((write) => write.includes(name) && !write.includes('events'));
    await eventually(async () => ofOurs().find((write) => write.startsWith('DELETE')), {
      timeoutMs: 5_000,
      what: 'the round to be removed',
    });
    const status = `PATCH objectives/${name}/status`;
    // Scheduled; Debating; AwaitingHuman; Executing with its first task; the first task done and the second given; Completed. Creations of ConfigMaps name the collection.
    expect(ofOurs()).toEqual([
      `PATCH objectives/${name}`,
      ...Array.from({ length: 5 }, () => status),
      // Before the end is written: a crash between would leave it behind.
      `DELETE configmaps/${name}-round-1`,
      status,
    ]);
  });

  it('writes nothing over what has ended, also when the controller starts again', async () => {
    const name = await stack.state({ directive: 'Rest in peace' });
    await stack.decide(name, 'Approve');
    const { metadata } = await stack.phase(name, 'Completed');
    await stack.stopRingmaster();
    stack.writes.splice(0);
    await stack.startRingmaster();
    wagon.keepBeating(stack.hubUrl);
    // A run that begins and ends after it: by then everything older was looked at.
    const later = await stack.state({ directive: 'Come later' });
    await stack.decide(later, 'Approve');
    await stack.phase(later, 'Completed');
    expect(stack.writes.filter((write) => write.startsWith('PATCH objectives') && !write.includes(later))).toEqual([]);
    expect((await stack.get(name)).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });
});
