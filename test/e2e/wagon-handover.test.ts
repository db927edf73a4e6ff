import { WAGONS } from '@dark-carnival/crds';
import { aPlan } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { honestResult } from '../../controller/testing/scripted-answers.ts';
import { type Script, ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { fastClock } from '../harness/fast-clock.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

/** Stale is 35 s, which real seconds would make long. */
const FASTER = 6;

/** Debates honestly, and works on tasks for as long as it is let. */
const slowAtTasks: Script = (assignment) =>
  assignment.task ? 'run' : honestResult(assignment, aPlan([{ path: 'one.md' }]));

describe('work of a wagon that goes', () => {
  let stack: RingmasterStack;
  let leaving: ScriptedWagon;
  let staying: ScriptedWagon;
  beforeEach(async () => {
    stack = await RingmasterStack.start(fastClock(FASTER));
    leaving = new ScriptedWagon({ nodeID: 'LXC-A', script: slowAtTasks });
    staying = new ScriptedWagon({ nodeID: 'LXC-B' });
    await stack.join(leaving);
  });
  afterEach(() => stack.stop());

  const schedule = (name: string, scheduling: string) =>
    stack.client.patch(WAGONS, { namespace: 'default', name }, { type: 'merge', body: { spec: { scheduling } } });
  const given = (wagon: ScriptedWagon, kind: string) =>
    eventually(async () => wagon.puts.find(({ id }) => id.includes(`.${kind}.`)), {
      timeoutMs: 20_000,
      what: `a ${kind} for ${wagon.name}`,
    });

  it('is a task: another does it as the next attempt, and what the first brings too late counts for nothing', async () => {
    const name = await stack.state({ directive: 'Two hands', approval: { mode: 'Auto' } });
    const { id } = await given(leaving, 'task');
    await stack.join(staying);
    await leaving.die();
    const done = await stack.phase(name, 'Completed');
    expect(done.status?.tasks).toMatchObject([{ state: 'Succeeded', attempt: 2, artifact: { wagonName: 'lxc-b' } }]);
    await leaving.start();
    leaving.keepBeating(stack.hubUrl, 200);
    await stack.wagon('lxc-a', ({ status }) => status?.phase === 'Ready');
    leaving.finish(id);
    // Something else that is decided after that was heard.
    const later = await stack.state({ directive: 'And then', wagonName: 'lxc-b' });
    await stack.phase(later, 'AwaitingHuman');
    expect((await stack.get(name)).status?.tasks).toEqual(done.status?.tasks);
  });

  it('drains: what it works on it finishes, what comes next goes to another', async () => {
    leaving.script = () => 'run';
    const name = await stack.state({ directive: 'Leave in order' });
    const { id } = await given(leaving, 'debate');
    await stack.join(staying);
    await schedule('lxc-a', 'Draining');
    await stack.wagon('lxc-a', ({ status }) => status?.phase === 'Draining');
    const next = await stack.state({ directive: 'Go elsewhere' });
    expect((await stack.phase(next, 'AwaitingHuman')).status?.wagonName).toBe('lxc-b');
    leaving.finish(id);
    await stack.decide(name, 'Approve');
    const done = await stack.phase(name, 'Completed');
    expect(done.status?.debate).toMatchObject({ attempt: 1 });
    expect(done.status?.tasks?.map(({ wagonName, attempt }) => [wagonName, attempt])).toEqual([
      ['lxc-b', 1],
      ['lxc-b', 1],
    ]);
    expect(leaving.puts.filter((put) => put.task)).toEqual([]);
    await schedule('lxc-a', 'Enabled');
    await stack.wagon('lxc-a', ({ status }) => status?.phase === 'Ready');
  });

  it('is cordoned: it finishes what it hosts, tasks too, and is given nothing new', async () => {
    leaving.script = () => 'run';
    const name = await stack.state({ directive: 'Finish here' });
    const { id } = await given(leaving, 'debate');
    await stack.join(staying);
    await schedule('lxc-a', 'Cordoned');
    await stack.wagon('lxc-a', ({ status }) => (status?.conditions ?? []).some(({ reason }) => reason === 'Cordoned'));
    leaving.script = new ScriptedWagon().script;
    leaving.finish(id);
    await stack.decide(name, 'Approve');
    const done = await stack.phase(name, 'Completed');
    expect(done.status?.tasks?.map(({ wagonName }) => wagonName)).toEqual(['lxc-a', 'lxc-a']);
    const next = await stack.state({ directive: 'Go elsewhere' });
    expect((await stack.phase(next, 'AwaitingHuman')).status?.wagonName).toBe('lxc-b');
  });

  it('that waits for a person is counted in its status, and no more once it was answered', async () => {
    leaving.script = new ScriptedWagon().script;
    const name = await stack.state({ directive: 'Wait for me' });
    await stack.phase(name, 'AwaitingHuman');
    await stack.wagon('lxc-a', ({ status }) => status?.awaitingHuman === 1);
    await stack.decide(name, 'Approve');
    await stack.phase(name, 'Completed');
    await stack.wagon('lxc-a', ({ status }) => status?.awaitingHuman === 0);
  });
});
