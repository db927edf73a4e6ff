import type { ObjectiveStatus } from '@dark-carnival/crds';
import { aPlan } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aTurn, honestResult, NO_USAGE, SOME_USAGE } from '../../controller/testing/scripted-answers.ts';
import { type Misbehaviour, ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

const reason = (status: ObjectiveStatus, type = 'Ready') =>
  status.conditions?.find((condition) => condition.type === type)?.reason;

describe('wagons that do not do what they should', () => {
  let stack: RingmasterStack;
  beforeEach(async () => {
    stack = await RingmasterStack.start();
  });
  afterEach(async () => {
    await stack.stop();
  });

  it.each<Misbehaviour>(['html', 'error500', 'truncated', 'empty', 'full'])(
    'one that answers %s for a while costs time and nothing else',
    async (misbehaviour) => {
      const wagon = new ScriptedWagon();
      await stack.join(wagon);
      wagon.misbehaviour = misbehaviour;
      const name = await stack.state({ directive: 'Patience' });
      await stack.wait(
        name,
        ({ phase, debate }) => phase === 'Scheduled' && debate?.attempt === 1,
        'the assignment to be recorded',
      );
      await eventually(async () => (wagon.refusals > 2 ? true : undefined), {
        timeoutMs: 10_000,
        what: 'the wagon to be asked again',
      });
      expect((await stack.get(name)).status).toMatchObject({ phase: 'Scheduled', debate: { attempt: 1 } });
      wagon.misbehaviour = undefined;
      const asked = await stack.phase(name, 'AwaitingHuman');
      expect(asked.status).toMatchObject({ debate: { attempt: 1 }, usage: { totalTokens: 100 } });
      expect(wagon.puts.map(({ id }) => id)).toEqual([`${asked.metadata.uid}.debate.1.1`]);
    },
  );

  it('one that hangs does not hold up the others', async () => {
    const wagon = new ScriptedWagon();
    const other = new ScriptedWagon({ nodeID: 'LXC-OTHER' });
    await stack.join(wagon);
    await stack.join(other);
    wagon.misbehaviour = 'hang';
    const stuck = await stack.state({ directive: 'Hang', wagonName: wagon.name });
    await stack.phase(stuck, 'Scheduled');
    const names = await Promise.all([1, 2].map((n) => stack.state({ directive: `Go on ${n}`, wagonName: other.name })));
    for (const name of names) await stack.phase(name, 'AwaitingHuman');
    await stack.patch(stuck, { desiredState: 'Aborted' });
    wagon.misbehaviour = undefined;
    await stack.phase(stuck, 'Aborted');
  });

  it('one that refuses the assignment loses it to another', async () => {
    const wagon = new ScriptedWagon({ nodeID: 'LXC-A' });
    const other = new ScriptedWagon({ nodeID: 'LXC-B' });
    await stack.join(wagon);
    wagon.misbehaviour = 'refuse';
    await stack.join(other);
    const name = await stack.state({ directive: 'No is an answer' });
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status).toMatchObject({ wagonName: 'lxc-b', debate: { attempt: 2 } });
  });

  it('one that lies about its plan is refused, and another is asked, from the turns that were finished', async () => {
    const wagon = new ScriptedWagon({
      nodeID: 'LXC-A',
      script: (assignment) => honestResult(assignment, aPlan([{ path: '../../etc/passwd' }])),
    });
    const other = new ScriptedWagon({ nodeID: 'LXC-B' });
    await stack.join(wagon);
    await stack.join(other);
    // Of two that are equally free the first by name is taken.
    const name = await stack.state({ directive: 'Lies' });
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status?.wagonName).toBe('lxc-b');
    expect(other.puts[0]?.debate?.resume.map(({ seat }) => seat)).toEqual(['visionary', 'critic']);
    expect(asked.status?.plan?.taskCount).toBe(2);
  });

  it('one that never tells a valid plan fails the Objective with the reason, and counts what it cost', async () => {
    const wagon = new ScriptedWagon({
      script: (assignment) => honestResult(assignment, { summary: 'no tasks', tasks: [] }),
    });
    await stack.join(wagon);
    const name = await stack.state({ directive: 'Lies for ever' });
    const failed = await stack.phase(name, 'Failed');
    expect(reason(failed.status ?? {})).toBe('ClaimRefused');
    expect(failed.status).toMatchObject({ debate: { attempt: 5 }, usage: { totalTokens: 500, calls: 5 } });
  });

  it('one that lies about its file is refused', async () => {
    const wagon = new ScriptedWagon();
    const honest = wagon.script;
    wagon.script = (assignment) => {
      const result = honest(assignment);
      if (result === 'run' || !result.task?.artifact) return result;
      return {
        ...result,
        task: { ...result.task, artifact: { ...result.task.artifact, file: 'somebody-elses/secret.md' } },
      };
    };
    await stack.join(wagon);
    const name = await stack.state({ directive: 'Other files', approval: { mode: 'Auto' } });
    const failed = await stack.phase(name, 'Failed');
    expect(failed.status).toMatchObject({
      taskSummary: '0/2',
      tasks: [{ state: 'Failed', attempt: 2, message: expect.stringContaining('ClaimRefused') }, { state: 'Skipped' }],
    });
    expect(JSON.stringify(failed.status)).not.toContain('artifact');
  });

  it('one whose provider is down hands the debate to one that reaches it', async () => {
    const script: ScriptedWagon['script'] = () => ({
      state: 'Failed',
      reason: 'ProviderUnavailable',
      message: 'kimi: 503',
      usage: SOME_USAGE,
      debate: { turns: [aTurn('visionary', 1)], dissent: [] },
    });
    const wagon = new ScriptedWagon({ nodeID: 'LXC-A', script });
    const other = new ScriptedWagon({ nodeID: 'LXC-B' });
    await stack.join(wagon);
    await stack.join(other);
    const name = await stack.state({ directive: 'Someone reaches it' });
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status).toMatchObject({ wagonName: 'lxc-b', usage: { totalTokens: 200 } });
  });

  it('one whose key is refused fails the Objective at once, with the reason', async () => {
    const wagon = new ScriptedWagon({
      script: () => ({ state: 'Failed', reason: 'Unauthorized', message: 'kimi: 401', usage: NO_USAGE }),
    });
    await stack.join(wagon);
    const name = await stack.state({ directive: 'Locked out' });
    const failed = await stack.phase(name, 'Failed');
    expect(reason(failed.status ?? {})).toBe('Unauthorized');
    expect(wagon.puts).toHaveLength(1);
  });

  it('one that lost its journal is given the same work again, under the same id', async () => {
    const wagon = new ScriptedWagon({ script: () => 'run' });
    await stack.join(wagon);
    const name = await stack.state({ directive: 'Amnesia' });
    await stack.phase(name, 'Debating');
    wagon.loseJournal();
    wagon.script = new ScriptedWagon().script;
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status?.debate?.attempt).toBe(1);
    expect(new Set(wagon.puts.map(({ id, inputsDigest }) => `${id} ${inputsDigest}`)).size).toBe(1);
  });

  it('one that dies loses its work to another, no earlier than its lease has lapsed', async () => {
    const wagon = new ScriptedWagon({ nodeID: 'LXC-A', script: () => 'run' });
    const other = new ScriptedWagon({ nodeID: 'LXC-B' });
    await stack.join(wagon);
    const name = await stack.state({ directive: 'Survive' });
    const { metadata } = await stack.phase(name, 'Debating');
    const id = `${metadata.uid}.debate.1.1`;
    wagon.progress(id, {
      usage: SOME_USAGE,
      debate: { activeSeat: 'critic', turns: [aTurn('visionary', 1, 'kept')], dissent: [] },
    });
    await stack.wait(name, ({ debate }) => debate?.turns?.length === 1, 'the first turn');
    await stack.join(other);
    await wagon.die();
    const diedAt = performance.now();
    const asked = await eventually(
      async () => {
        const seen = await stack.get(name);
        return seen.status?.phase === 'AwaitingHuman' ? seen : undefined;
      },
      { timeoutMs: 60_000, what: 'the other wagon to take over' },
    );
    // The last heartbeat came up to a second before it died.
    expect(performance.now() - diedAt).toBeGreaterThan(33_000);
    expect(asked.status).toMatchObject({ wagonName: 'lxc-b', debate: { attempt: 2 }, usage: { totalTokens: 200 } });
    expect(other.puts[0]?.debate?.resume.map(({ text }) => text)).toEqual(['kept']);
    const stale = await stack.wagon('lxc-a', ({ status }) => status?.phase === 'Stale');
    expect(stale.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False', reason: 'Unreachable' }),
    );
    await wagon.start();
    wagon.keepBeating(stack.hubUrl);
    await stack.wagon('lxc-a', ({ status }) => status?.phase === 'Ready');
    // What it still holds of the old attempt is of no use to anybody, whatever becomes of it.
    wagon.finish(id);
    await stack.decide(name, 'Approve');
    const done = await stack.phase(name, 'Completed');
    expect(done.status?.tasks?.map(({ artifact }) => artifact?.wagonName)).toEqual(['lxc-b', 'lxc-b']);
  });
});
