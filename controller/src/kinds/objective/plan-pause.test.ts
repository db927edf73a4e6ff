import { describe, expect, it } from 'vitest';
import { asked, executing, job, reason } from '../../../testing/objective-stories.ts';
import { ObjectiveWorld } from '../../../testing/objective-world.ts';
import { aTurn, SOME_USAGE } from '../../../testing/scripted-answers.ts';

const set = (world: ObjectiveWorld, spec: object) => {
  world.state.spec = { ...world.state.spec, ...spec };
  return world.settle();
};
const pause = (world: ObjectiveWorld) => set(world, { desiredState: 'Paused' });
const resume = (world: ObjectiveWorld) => set(world, { desiredState: 'Running' });
const debating = (...given: ConstructorParameters<typeof ObjectiveWorld>) => {
  const world = new ObjectiveWorld(...given);
  world.settle();
  return world;
};

describe('a pause', () => {
  it('holds the round on its wagon, shows what was finished, and lets it go on', () => {
    const world = debating();
    const id = job(world, 'debate.1.1');
    expect(pause(world)).toEqual([`Holds ${id} on lxc-core`]);
    expect([world.status.phase, reason(world)]).toEqual(['Debating', 'Paused']);
    world.finish(id, { debate: { turns: [aTurn('visionary', 1, 'on its way')], dissent: [] } });
    world.settle();
    expect(world.status.debate?.turns).toMatchObject([{ seat: 'visionary' }]);
    expect(resume(world)).toContain(`Lets go on ${id} on lxc-core`);
    expect(world.state.jobs[id]?.status.held).toBe(false);
    world.runToEnd();
    expect(world.status.phase).toBe('Completed');
  });

  it('takes a round in that ended meanwhile only when it is over', () => {
    const world = debating();
    pause(world);
    world.finish(job(world, 'debate.1.1'));
    world.settle();
    expect(world.status.phase).toBe('Debating');
    resume(world);
    expect(world.status).toMatchObject({ phase: 'AwaitingHuman', usage: { totalTokens: 100 } });
  });

  it('goes on elsewhere from the turns that were finished, where the wagon was lost meanwhile', () => {
    const world = debating({}, { wagons: ['a', 'b'] });
    world.finish(job(world, 'debate.1.1'), {
      usage: SOME_USAGE,
      debate: { turns: [aTurn('visionary', 1, 'kept')], dissent: [] },
    });
    pause(world);
    world.state.lost = ['a'];
    world.settle();
    expect(world.status).toMatchObject({ phase: 'Debating', wagonName: 'a', debate: { attempt: 1 } });
    resume(world);
    expect(world.status).toMatchObject({ phase: 'Debating', wagonName: 'b', debate: { attempt: 2 } });
  });

  it('is told again to a wagon that could not be reached', () => {
    const world = debating();
    world.state.lost = ['lxc-core'];
    set(world, { desiredState: 'Paused' });
    expect(world.pass().requeueAfterMs).toBeGreaterThan(0);
    world.state.lost = [];
    world.settle();
    expect(world.state.jobs[job(world, 'debate.1.1')]?.status.held).toBe(true);
  });

  it('holds tasks, gives no other, and keeps what they leave', () => {
    const world = executing();
    pause(world);
    expect(world.state.jobs[job(world, 'task.t1.1')]?.status.held).toBe(true);
    world.finish(job(world, 'task.t1.1'));
    world.settle();
    expect(world.status).toMatchObject({ phase: 'Executing', taskSummary: '1/2', tasks: [{}, { state: 'Pending' }] });
    resume(world);
    world.runToEnd();
    expect(world.status.phase).toBe('Completed');
  });

  it('before a wagon was found leaves the queue, and still says what is wrong', () => {
    const world = new ObjectiveWorld({ wagonName: 'nobody' });
    world.settle();
    expect(world.status.queue?.reason).toBe('NoMatchingWagon');
    pause(world);
    expect(world.status.queue).toBeUndefined();
    expect(reason(world)).toBe('Paused');
    const wrong = debating({ approval: { mode: 'Manual', separationOfDuties: 'Required', children: 'Ask' } });
    pause(wrong);
    expect([reason(wrong, 'Accepted'), reason(wrong)]).toEqual(['RequesterUnknown', 'Paused']);
  });

  it('keeps a question open past its time, and takes the answer when it is over; an abort counts at once', () => {
    const approval = {
      mode: 'Manual',
      separationOfDuties: 'NotRequired',
      children: 'Ask',
      timeoutSeconds: 60,
    } as const;
    const world = asked({ approval });
    pause(world);
    world.state.nowMs += 120_000;
    world.answer('Approve');
    world.settle();
    expect(world.status.phase).toBe('AwaitingHuman');
    resume(world);
    expect(world.status.phase).toBe('Executing');
    const other = asked({ approval });
    pause(other);
    other.answer('Abort');
    other.settle();
    expect(other.status.phase).toBe('Aborted');
  });

  it('is over when the Objective is aborted: what was held is cancelled', () => {
    const world = debating();
    pause(world);
    set(world, { desiredState: 'Aborted' });
    expect(world.state.jobs[job(world, 'debate.1.1')]?.status.state).toBe('Cancelled');
    expect(world.status.phase).toBe('Aborted');
  });

  it('after the last task keeps the results from being scored', () => {
    const world = executing();
    world.state.status = {
      ...world.status,
      phase: 'Improving',
      tasks: world.status.tasks?.map((task) => ({ ...task, state: 'Succeeded' as const })) ?? [],
    };
    pause(world);
    expect(world.status.phase).toBe('Improving');
    set(world, { desiredState: 'Aborted' });
    expect(world.status.phase).toBe('Aborted');
    expect([reason(world, 'Executed'), reason(world, 'Improved')]).toEqual(['TasksSucceeded', 'Aborted']);
  });
});

describe('a limit of time', () => {
  const budget = { maxDurationSeconds: 600 };

  it('ends a debate, and keeps its turns and what they cost', () => {
    const world = debating({ budget });
    const id = job(world, 'debate.1.1');
    world.finish(id, { usage: SOME_USAGE, debate: { turns: [aTurn('visionary', 1)], dissent: [] } });
    world.settle();
    world.state.nowMs += 600_000;
    world.settle();
    expect(world.state.jobs[id]?.status.state).toBe('Cancelled');
    expect(world.status).toMatchObject({ phase: 'Failed', debate: { turns: [{}] }, usage: { totalTokens: 100 } });
    expect(reason(world)).toBe('BudgetExhausted');
  });

  it('ends tasks, and keeps the files; raised, what is missing is done', () => {
    const world = executing({ budget });
    world.finish(job(world, 'task.t1.1'));
    world.settle();
    world.state.nowMs += 600_000;
    world.settle();
    expect(world.status).toMatchObject({ phase: 'Failed', taskSummary: '1/2', tasks: [{ state: 'Succeeded' }, {}] });
    expect(reason(world)).toBe('BudgetExhausted');
    set(world, { budget: { maxDurationSeconds: 1_200 }, retry: 1 });
    world.runToEnd();
    expect(world.status).toMatchObject({ phase: 'Completed', taskSummary: '2/2' });
  });

  it('does not take from who has just finished', () => {
    const world = executing({ budget });
    world.finish(job(world, 'task.t1.1'));
    world.settle();
    world.finish(job(world, 'task.t2.1'));
    world.state.nowMs += 600_000;
    world.settle();
    expect(world.status.phase).toBe('Completed');
  });

  it('counts neither a pause nor the waiting for a person', () => {
    const world = executing({ budget });
    world.state.nowMs += 100_000;
    pause(world);
    world.state.nowMs += 3_600_000;
    resume(world);
    world.state.nowMs += 100_000;
    pause(world);
    expect(world.status.workedSeconds).toBe(200);
    resume(world);
    world.runToEnd();
    expect(world.status.phase).toBe('Completed');
  });
});
