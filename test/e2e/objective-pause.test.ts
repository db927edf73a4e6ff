import type { ObjectiveStatus } from '@dark-carnival/crds';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aTurn, SOME_USAGE } from '../../controller/testing/scripted-answers.ts';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

const honest = new ScriptedWagon().script;
const reason = (status: ObjectiveStatus, type = 'Ready') =>
  status.conditions?.find((condition) => condition.type === type)?.reason;

describe('an Objective that is paused', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    await stack.join(wagon, { maxConcurrentJobs: 2 });
  });
  afterEach(() => {
    wagon.script = honest;
    wagon.misbehaviour = undefined;
  });
  afterAll(async () => {
    await stack.stop();
  });

  /** On the wagon that the test plays, whoever else has joined. */
  const state = (spec: { directive: string; wagonName?: string; budget?: object }) =>
    stack.state({ wagonName: wagon.name, ...spec });
  const pause = async (name: string) => {
    await stack.patch(name, { desiredState: 'Paused' });
    return stack.wait(name, (status) => reason(status) === 'Paused', `${name} to be paused`);
  };
  const resume = (name: string) => stack.patch(name, { desiredState: 'Running' });
  const isHeld = (id: string, held: boolean) =>
    eventually(async () => ((wagon.jobs.get(id)?.status.held ?? false) === held ? true : undefined), {
      timeoutMs: 15_000,
      what: `${id} to be ${held ? 'held' : 'let go on'}`,
    });

  it('in its debate has the round held on the wagon, keeps the phase, and goes on in the same attempt', async () => {
    wagon.script = () => 'run';
    const name = await state({ directive: 'Hold your breath' });
    const { metadata } = await stack.phase(name, 'Debating');
    const id = `${metadata.uid}.debate.1.1`;
    await pause(name);
    await isHeld(id, true);
    wagon.progress(id, { debate: { turns: [aTurn('visionary', 1, 'on its way')], dissent: [] }, usage: SOME_USAGE });
    const paused = await stack.wait(name, ({ debate }) => debate?.turns?.length === 1, 'the call in flight to finish');
    expect(paused.status).toMatchObject({ phase: 'Debating', debate: { attempt: 1 } });
    expect(paused.status?.conditions?.map(({ type }) => type)).not.toContain('Reconciling');
    await resume(name);
    await isHeld(id, false);
    wagon.finish(id);
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status?.debate?.attempt).toBe(1);
  });

  it('in execution has its tasks held, and the slot is for others meanwhile', async () => {
    wagon.script = (assignment) => (assignment.task ? 'run' : honest(assignment));
    const name = await state({ directive: 'Mind the gap', wagonName: wagon.name });
    await stack.decide(name, 'Approve');
    const { metadata } = await stack.wait(name, ({ tasks }) => tasks?.[0]?.state === 'Running', 'the first task');
    const id = `${metadata.uid}.task.t1.1`;
    await pause(name);
    await isHeld(id, true);
    wagon.script = (assignment) => (assignment.objective.name === name ? 'run' : honest(assignment));
    const others = await Promise.all([1, 2].map((n) => state({ directive: `Meanwhile ${n}` })));
    for (const other of others) await stack.phase(other, 'AwaitingHuman');
    wagon.script = honest;
    await resume(name);
    await isHeld(id, false);
    wagon.finish(id);
    await stack.phase(name, 'Completed');
  });

  it('before a wagon was found leaves the queue, and is not given out when one is there', async () => {
    const name = await state({ directive: 'Not yet', wagonName: 'lxc-late' });
    await stack.wait(name, ({ queue }) => queue?.reason === 'NoMatchingWagon', 'the queue');
    const paused = await pause(name);
    expect(paused.status?.queue).toBeUndefined();
    const late = new ScriptedWagon({ nodeID: 'LXC-LATE' });
    await stack.join(late);
    // Something else goes through on that wagon, so it was looked at.
    await stack.phase(await state({ directive: 'Something else', wagonName: 'lxc-late' }), 'AwaitingHuman');
    expect((await stack.get(name)).status?.phase).toBe('Pending');
    await resume(name);
    await stack.phase(name, 'AwaitingHuman');
  });

  it('at the gate takes no approval until it goes on, and an abort at once', async () => {
    const name = await state({ directive: 'Think it over' });
    await stack.phase(name, 'AwaitingHuman');
    await pause(name);
    const { metadata } = await stack.decide(name, 'Approve');
    await stack.wait(
      name,
      ({ observedGeneration, phase }) => observedGeneration === metadata.generation && phase === 'AwaitingHuman',
      'the answer to be seen',
    );
    await resume(name);
    await stack.phase(name, 'Completed');
    const other = await state({ directive: 'Forget it' });
    await stack.phase(other, 'AwaitingHuman');
    await pause(other);
    await stack.decide(other, 'Abort');
    await stack.phase(other, 'Aborted');
  });

  it('tells a wagon that could not be reached at first as soon as it can', async () => {
    wagon.script = () => 'run';
    const name = await state({ directive: 'Bad line' });
    const { metadata } = await stack.phase(name, 'Debating');
    wagon.misbehaviour = 'error500';
    const refusals = wagon.refusals;
    await pause(name);
    await eventually(async () => (wagon.refusals > refusals ? true : undefined), { timeoutMs: 15_000, what: 'a try' });
    wagon.misbehaviour = undefined;
    await isHeld(`${metadata.uid}.debate.1.1`, true);
    await stack.patch(name, { desiredState: 'Aborted' });
    await stack.phase(name, 'Aborted');
    expect(wagon.jobs.get(`${metadata.uid}.debate.1.1`)?.status.state).toBe('Cancelled');
  });

  it('costs no write and no call of the wagon while it rests', async () => {
    wagon.script = () => 'run';
    const name = await state({ directive: 'Sleep' });
    const { metadata } = await stack.phase(name, 'Debating');
    await pause(name);
    await isHeld(`${metadata.uid}.debate.1.1`, true);
    const holds = wagon.holds.length;
    stack.writes.splice(0);
    wagon.script = honest;
    await stack.phase(await state({ directive: 'Others work' }), 'AwaitingHuman');
    expect(stack.writes.filter((write) => write.includes(`objectives/${name}/`))).toEqual([]);
    expect(wagon.holds.length).toBe(holds);
    await stack.patch(name, { desiredState: 'Aborted' });
  });

  it('is still held after another Ringmaster took over, which lets it go on', async () => {
    wagon.script = () => 'run';
    const name = await state({ directive: 'Change of guard' });
    const { metadata } = await stack.phase(name, 'Debating');
    const id = `${metadata.uid}.debate.1.1`;
    await pause(name);
    await isHeld(id, true);
    await stack.stopRingmaster();
    await stack.startRingmaster();
    wagon.keepBeating(stack.hubUrl);
    await stack.wagon(wagon.name, ({ status }) => status?.phase === 'Ready');
    expect(wagon.jobs.get(id)?.status.held).toBe(true);
    await resume(name);
    await isHeld(id, false);
    wagon.finish(id);
    await stack.phase(name, 'AwaitingHuman');
  });

  it('does not count the pause as work', async () => {
    wagon.script = () => 'run';
    const name = await state({ directive: 'On the clock', budget: { maxDurationSeconds: 1000 } });
    const { metadata } = await stack.phase(name, 'Debating');
    const before = await pause(name);
    const worked = before.status?.workedSeconds ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await resume(name);
    await isHeld(`${metadata.uid}.debate.1.1`, false);
    wagon.finish(`${metadata.uid}.debate.1.1`);
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect((asked.status?.workedSeconds ?? 0) - worked).toBeLessThan(2);
  });
});
