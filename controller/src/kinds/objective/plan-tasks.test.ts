import { aPlan } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { asked, executing, execution, job, reason } from '../../../testing/objective-stories.ts';
import { ObjectiveWorld } from '../../../testing/objective-world.ts';
import { SOME_USAGE } from '../../../testing/scripted-answers.ts';
import { sha256 } from '../../runtime/digests.ts';

describe('the tasks', () => {
  it('run side by side as far as the plan and the wagon allow', () => {
    const world = executing(execution({ parallelism: 3 }), { proposal: aPlan([{}, {}, {}, {}]), wagons: ['a', 'b'] });
    expect(world.status.tasks?.map(({ state }) => state)).toEqual(['Running', 'Running', 'Running', 'Pending']);
  });

  it('are tried again, and fail with those that depend on them, while the others go on', () => {
    const world = executing({}, { proposal: aPlan([{}, { dependsOn: ['t1'] }, {}]) });
    for (const attempt of [1, 2]) {
      world.finish(job(world, `task.t1.${attempt}`), {
        state: 'Failed',
        reason: 'NotAccepted',
        message: 'empty',
        usage: SOME_USAGE,
      });
      world.settle();
    }
    world.finish(job(world, 'task.t3.1'));
    world.settle();
    expect(world.status.tasks?.map(({ state, attempt }) => `${state} ${attempt}`)).toEqual([
      'Failed 2',
      'Skipped undefined',
      'Succeeded 1',
    ]);
    expect(world.status).toMatchObject({ phase: 'Failed', taskSummary: '1/3', usage: { totalTokens: 400 } });
    expect(reason(world)).toBe('TasksFailed');
  });

  it('that failed run again when a person retries, those that succeeded do not', () => {
    const world = executing(execution({ retries: 0 }), { proposal: aPlan([{}, { dependsOn: ['t1'] }, {}]) });
    world.finish(job(world, 'task.t1.1'), { state: 'Failed', reason: 'NotAccepted', usage: SOME_USAGE });
    world.settle();
    world.finish(job(world, 'task.t3.1'));
    world.settle();
    world.state.spec = { ...world.state.spec, retry: 1 };
    world.runToEnd();
    expect(world.status).toMatchObject({ phase: 'Completed', taskSummary: '3/3', retriesTaken: 1 });
    expect(
      Object.keys(world.state.jobs)
        .filter((id) => id.includes('.task.'))
        .map((id) => id.slice(world.uid.length + 1)),
    ).toEqual(['task.t1.1', 'task.t3.1', 'task.t1.5', 'task.t2.5']);
  });

  it('are refused when the wagon names another file', () => {
    const world = executing(execution({ retries: 0 }));
    const artifact = { file: 'other/t1.md', sha256: sha256('x'), bytes: 1 };
    world.finish(job(world, 'task.t1.1'), { state: 'Succeeded', usage: SOME_USAGE, task: { artifact } });
    world.settle();
    expect(world.status.tasks?.[0]).toMatchObject({
      state: 'Failed',
      message: expect.stringContaining('ClaimRefused'),
    });
    expect(world.status.tasks?.[0]?.artifact).toBeUndefined();
  });

  it('are bought afresh where the answer of the attempt before was refused, and only then', () => {
    const world = executing(execution({ retries: 2 }));
    const afresh = (attempt: number) => world.state.jobs[job(world, `task.t1.${attempt}`)]?.assignment.afresh;
    const artifact = { file: 'other/t1.md', sha256: sha256('x'), bytes: 1 };
    world.finish(job(world, 'task.t1.1'), { state: 'Succeeded', usage: SOME_USAGE, task: { artifact } });
    world.settle();
    world.finish(job(world, 'task.t1.2'), { state: 'Failed', reason: 'NotAccepted', usage: SOME_USAGE });
    world.settle();
    expect([afresh(1), afresh(2), afresh(3)]).toEqual([undefined, true, undefined]);
  });

  it('are given to another wagon when theirs went silent, though it counts as no retry of the work', () => {
    const world = executing(execution({ retries: 0 }), { proposal: aPlan([{}]), wagons: ['a', 'b'] });
    world.state.lost = ['a'];
    world.settle();
    expect(world.state.jobs[job(world, 'task.t1.2')]?.wagonName).toBe('b');
    world.runToEnd();
    expect(world.status).toMatchObject({ phase: 'Completed', tasks: [{ artifact: { wagonName: 'b' } }] });
  });
});

describe('a budget', () => {
  it('ends the run when it is used, and keeps what is done', () => {
    const world = executing({ budget: { maxTokens: 150 } });
    expect(world.state.jobs[job(world, 'debate.1.1')]?.assignment.grant).toEqual({ tokens: 150 });
    expect(world.state.jobs[job(world, 'task.t1.1')]?.assignment.grant).toEqual({ tokens: 50 });
    world.finish(job(world, 'task.t1.1'));
    world.settle();
    expect(world.status).toMatchObject({ phase: 'Failed', taskSummary: '1/2' });
    expect(reason(world)).toBe('BudgetExhausted');
    world.state.spec = { ...world.state.spec, budget: { maxTokens: 100_000 }, retry: 1 };
    world.runToEnd();
    expect(world.status).toMatchObject({ phase: 'Completed', taskSummary: '2/2' });
  });

  it('never grants side by side more than is left', () => {
    const world = executing({ budget: { maxTokens: 40_000 } }, { proposal: aPlan([{}, {}, {}]), wagons: ['a', 'b'] });
    const grants = world.running().map((id) => world.state.jobs[id]?.assignment.grant.tokens ?? 0);
    expect(grants.reduce((sum, tokens) => sum + tokens, 0)).toBeLessThanOrEqual(40_000 - 100);
    expect(grants.length).toBeLessThan(3);
    world.runToEnd();
    expect(world.status.phase).toBe('Completed');
  });

  it('ends the run when the wagon says that its grant is used', () => {
    const world = executing({ budget: { maxTokens: 5_000 } });
    world.finish(job(world, 'task.t1.1'), {
      state: 'Failed',
      reason: 'BudgetExhausted',
      message: 'no more',
      usage: SOME_USAGE,
    });
    world.settle();
    expect(reason(world)).toBe('BudgetExhausted');
  });
});

describe('pause, abort and deletion', () => {
  it('keep the phase while paused, let what runs finish, and begin nothing', () => {
    const world = executing();
    world.state.spec = { ...world.state.spec, desiredState: 'Paused' };
    world.finish(job(world, 'task.t1.1'));
    world.settle();
    expect(world.status.tasks?.map(({ state }) => state)).toEqual(['Succeeded', 'Pending']);
    expect(world.status.phase).toBe('Executing');
    expect(reason(world)).toBe('Paused');
    world.state.spec = { ...world.state.spec, desiredState: 'Running' };
    world.runToEnd();
    expect(world.status.phase).toBe('Completed');
  });

  it('count no work while paused', () => {
    const world = executing();
    world.state.nowMs += 30_000;
    world.state.spec = { ...world.state.spec, desiredState: 'Paused' };
    world.settle();
    const worked = world.status.workedSeconds;
    world.state.nowMs += 3_600_000;
    world.state.spec = { ...world.state.spec, desiredState: 'Running' };
    world.settle();
    expect(worked).toBe(30);
    expect(world.status.workedSeconds).toBe(30);
  });

  it.each(['Pending', 'Debating', 'AwaitingHuman', 'Executing'])(
    'abort in %s, once nothing works on it any more',
    (phase) => {
      const world =
        phase === 'Pending'
          ? new ObjectiveWorld({ wagonName: 'nobody' })
          : phase === 'AwaitingHuman'
            ? asked()
            : phase === 'Executing'
              ? executing()
              : new ObjectiveWorld();
      world.settle();
      expect(world.status.phase).toBe(phase);
      world.state.spec = { ...world.state.spec, desiredState: 'Aborted' };
      world.settle();
      expect(world.status.phase).toBe('Aborted');
      expect(world.running()).toEqual([]);
      expect(world.status.tasks?.map(({ state }) => state) ?? []).toEqual(
        phase === 'Executing' ? ['Cancelled', 'Cancelled'] : [],
      );
    },
  );

  it('keep a file that was finished before the abort', () => {
    const world = executing();
    world.finish(job(world, 'task.t1.1'));
    world.state.spec = { ...world.state.spec, desiredState: 'Aborted' };
    world.settle();
    expect(world.status.tasks?.map(({ state }) => state)).toEqual(['Succeeded', 'Cancelled']);
  });

  it('cancel assignments before the object goes', () => {
    const world = executing();
    world.state.metadata.deletionTimestamp = new Date(world.state.nowMs).toISOString();
    world.settle();
    expect(world.state.gone).toBe(true);
    expect(world.running()).toEqual([]);
  });

  it('do not wait for ever for a wagon that cannot be told', () => {
    const world = executing();
    const decide = () => world.pass().effects.map(({ type }) => type);
    world.state.metadata.deletionTimestamp = new Date(world.state.nowMs).toISOString();
    const stuck = world.fork();
    stuck.state.jobs = {};
    stuck.state.lost = ['lxc-core'];
    expect(stuck.pass().effects.map(({ type }) => type)).toEqual(['removeFinalizer']);
    world.state.nowMs += 60_000;
    expect(decide()).toEqual(['cancelJob', 'removeFinalizer']);
  });

  it('delete an ended one after its time, and say so instead where a GitOps tool keeps it', () => {
    const world = executing({ ttlSecondsAfterFinished: 60 });
    world.runToEnd();
    expect(world.pass().requeueAfterMs).toBe(60_000);
    const kept = world.fork();
    world.state.nowMs += 60_000;
    expect(world.pass().effects).toEqual([{ type: 'deleteObjective' }]);
    kept.state.metadata = { ...kept.state.metadata, ...{ labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } } };
    kept.state.nowMs += 60_000;
    expect(kept.pass().effects).toEqual([]);
    expect(kept.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'RetainedByGitOps', status: 'True' }),
    );
  });
});
