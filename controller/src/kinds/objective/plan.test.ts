import { OBJECTIVE_LIMITS } from '@dark-carnival/crds';
import { aPlan } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { approval, asked, debateOf, job, reason } from '../../../testing/objective-stories.ts';
import { ObjectiveWorld, planBytes } from '../../../testing/objective-world.ts';
import { aTurn, NO_USAGE, SOME_USAGE } from '../../../testing/scripted-answers.ts';
import { sha256 } from '../../runtime/digests.ts';
import { MAX_ROUND_ATTEMPTS } from './policies/attempts.ts';

describe('an Objective', () => {
  it('goes from a sentence to files in as many writes as there are things to see', () => {
    const world = new ObjectiveWorld();
    expect(world.settle()).toEqual(['Scheduled: round 1, attempt 1 on lxc-core', 'Debating: lxc-core holds round 1']);
    world.finish(job(world, 'debate.1.1'));
    expect(world.settle()).toEqual(['AwaitingHuman: plan 1 waits for a decision']);
    world.answer('Approve');
    expect(world.settle()).toEqual([
      'Approve by alice',
      'Executing: plan approved by alice',
      't1, attempt 1 on lxc-core',
    ]);
    world.finish(job(world, 'task.t1.1'));
    expect(world.settle()).toEqual(['t1 left t1.md', 't2, attempt 1 on lxc-core']);
    world.finish(job(world, 'task.t2.1'));
    expect(world.settle()).toEqual([
      't2 left t2.md',
      'Improving: every task succeeded',
      'Completed: improvement is not installed',
    ]);
    expect(world.status).toMatchObject({
      phase: 'Completed',
      taskSummary: '2/2',
      usage: { totalTokens: 300, calls: 3 },
    });
    expect(reason(world, 'Improved')).toBe('NotInstalled');
  });

  it('shows the debate though the wagon was done with it before anybody looked', () => {
    const world = new ObjectiveWorld();
    world.pass();
    world.finish(job(world, 'debate.1.1'));
    expect(world.pass().status.phase).toBe('Debating');
    expect(world.pass().status.phase).toBe('AwaitingHuman');
  });

  it('records attempt and digest before the assignment goes out, so a crash between sends the very same one', () => {
    const world = new ObjectiveWorld();
    world.pass('after status');
    const recorded = world.status.debate?.inputsDigest;
    expect(world.running()).toEqual([]);
    world.settle();
    expect(world.state.jobs[job(world, 'debate.1.1')]?.assignment.inputsDigest).toBe(recorded);
  });

  it('asks about the same plan after a crash between storing it and asking', () => {
    const world = new ObjectiveWorld();
    world.settle();
    world.finish(job(world, 'debate.1.1'));
    world.pass('before status');
    const stored = { ...world.state.configMaps };
    world.settle();
    expect(world.state.configMaps).toEqual(stored);
    expect(world.status.approvalRequest?.planHash).toBe(sha256(planBytes(world) ?? ''));
  });

  it('holds as many rounds as it was told, each with the ones before', () => {
    const world = asked(debateOf(3));
    expect(world.status.debate).toMatchObject({ round: 3, stopReason: 'RoundsDone' });
    const third = world.state.jobs[job(world, 'debate.3.1')]?.assignment.debate;
    expect(third?.history.map(({ round, seat }) => `${round} ${seat}`)).toEqual([
      '1 visionary',
      '1 critic',
      '1 tactician',
      '2 visionary',
      '2 critic',
      '2 tactician',
    ]);
  });

  it('executes at once with approval Auto, and says who approved', () => {
    const world = new ObjectiveWorld(approval({ mode: 'Auto' }));
    world.settle();
    world.finish(job(world, 'debate.1.1'));
    world.settle();
    expect(world.status.phase).toBe('Executing');
    expect(world.status.decisions).toMatchObject([{ decision: 'Approve', decidedBy: 'system:auto' }]);
    expect(world.status.approvalRequest).toBeUndefined();
  });

  it('waits for a wagon, and says since when, without failing', () => {
    const world = new ObjectiveWorld({ wagonName: 'nobody' });
    world.settle();
    const since = world.status.queue?.since;
    world.state.nowMs += 60_000;
    world.settle();
    expect(world.status).toMatchObject({ phase: 'Pending', queue: { reason: 'NoMatchingWagon', since } });
    expect(reason(world)).toBe('NoMatchingWagon');
  });

  it('waits for a provider that it names and that does not exist', () => {
    const world = new ObjectiveWorld({
      debate: { mode: 'Debate', rounds: 1, turnTimeoutSeconds: 300, seats: { critic: { providers: ['gpt'] } } },
    });
    world.settle();
    expect(world.status.phase).toBe('Pending');
    expect(world.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Accepted', status: 'False', reason: 'UnknownProvider' }),
    );
  });
});

describe('a debate that goes wrong', () => {
  it('is tried again on another wagon, from the turns that were finished', () => {
    const world = new ObjectiveWorld({}, { wagons: ['a', 'b'] });
    world.settle();
    world.finish(job(world, 'debate.1.1'), {
      state: 'Failed',
      reason: 'ProviderUnavailable',
      usage: SOME_USAGE,
      debate: { turns: [aTurn('visionary', 1, 'kept')], dissent: [] },
    });
    world.settle();
    const second = world.state.jobs[job(world, 'debate.1.2')];
    expect(second?.wagonName).toBe('b');
    expect(second?.assignment.debate?.resume.map(({ text }) => text)).toEqual(['kept']);
    expect(world.status.usage?.totalTokens).toBe(100);
  });

  it('is refused when the wagon lies, and fails in the end if it never tells the truth', () => {
    const world = new ObjectiveWorld();
    world.settle();
    for (let attempt = 1; attempt <= MAX_ROUND_ATTEMPTS; attempt += 1) {
      const turns = [aTurn('tactician', 1)];
      // What was refused must not be handed out again, or the loop would be sure.
      expect(world.state.jobs[job(world, `debate.1.${attempt}`)]?.assignment.afresh).toBe(
        attempt > 1 ? true : undefined,
      );
      world.finish(job(world, `debate.1.${attempt}`), {
        state: 'Succeeded',
        usage: SOME_USAGE,
        debate: { turns, plan: aPlan([{ path: '../x' }]), dissent: [] },
      });
      world.settle();
    }
    expect(world.status).toMatchObject({
      phase: 'Failed',
      debate: { stopReason: 'ClaimRefused' },
      usage: { totalTokens: 100 * MAX_ROUND_ATTEMPTS },
    });
    expect(world.status.plan).toBeUndefined();
  });

  it('goes to another wagon when its own went silent, and only then', () => {
    const world = new ObjectiveWorld({}, { wagons: ['a', 'b'] });
    world.settle();
    world.state.lost = ['a'];
    world.settle();
    expect(world.state.jobs[job(world, 'debate.1.2')]?.wagonName).toBe('b');
    expect(world.status).toMatchObject({ wagonName: 'b', debate: { attempt: 2 } });
  });

  it('starts again when a person raises retry, and counts its rounds on', () => {
    const world = new ObjectiveWorld();
    world.settle();
    world.finish(job(world, 'debate.1.1'), { state: 'Failed', reason: 'Unauthorized', usage: NO_USAGE });
    world.settle();
    expect(world.status.phase).toBe('Failed');
    world.state.spec = { ...world.state.spec, retry: 1 };
    world.runToEnd();
    expect(world.status).toMatchObject({ phase: 'Completed', debate: { round: 2 }, retriesTaken: 1 });
    expect(world.status.conditions?.map(({ type }) => type)).not.toContain('Failed');
  });

  it('ends when every round is used', () => {
    const world = new ObjectiveWorld();
    world.state.status = { phase: 'Failed', debate: { round: OBJECTIVE_LIMITS.maxRounds } };
    world.state.spec = { retry: 1 };
    world.settle();
    expect(reason(world)).toBe('RoundsExhausted');
  });
});
