import { OBJECTIVE_LIMITS } from '@dark-carnival/crds';
import { aPlan } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { ObjectiveWorld, planBytes } from '../../../testing/objective-world.ts';
import { aTurn, NO_USAGE, SOME_USAGE } from '../../../testing/scripted-answers.ts';
import { sha256 } from '../../ports/digests.ts';
import { MAX_ROUND_ATTEMPTS } from './policies/attempts.ts';

/** A world whose question is open. */
function asked(...given: ConstructorParameters<typeof ObjectiveWorld>): ObjectiveWorld {
  const world = new ObjectiveWorld(...given);
  world.settle();
  while (world.status.phase !== 'AwaitingHuman') {
    const [id] = world.running();
    if (id === undefined) throw new Error(`nothing runs in ${world.status.phase}`);
    world.finish(id);
    world.settle();
  }
  return world;
}

/** A world whose tasks run. */
function executing(...given: ConstructorParameters<typeof ObjectiveWorld>): ObjectiveWorld {
  const world = asked(...given);
  world.answer('Approve');
  world.settle();
  return world;
}

const job = (world: ObjectiveWorld, part: string) => `${world.uid}.${part}`;
const reason = (world: ObjectiveWorld, type = 'Ready') =>
  world.status.conditions?.find((condition) => condition.type === type)?.reason;
const debateOf = (rounds: number) =>
  ({ debate: { mode: 'Debate', rounds, turnTimeoutSeconds: 300, seats: {} } }) as const;
const approval = (more: object) =>
  ({ approval: { mode: 'Manual', separationOfDuties: 'NotRequired', children: 'Ask', ...more } }) as const;
const execution = (more: object) =>
  ({
    execution: { maxTasks: 20, parallelism: 4, taskTimeoutSeconds: 600, retries: 1, sandbox: 'Required', ...more },
  }) as const;

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
    expect(world.status.debate).toMatchObject({ round: 3, stopReason: 'PlanProposed' });
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

describe('the gate', () => {
  it('takes an answer once: decision, end of the question and next phase in one write', () => {
    const world = asked();
    world.answer('Approve');
    const { status } = world.pass();
    expect(status).toMatchObject({ phase: 'Executing', decisions: [{ decision: 'Approve', decidedBy: 'alice' }] });
    expect(status.approvalRequest).toBeUndefined();
    expect(status.tasks?.map(({ state }) => state)).toEqual(['Running', 'Pending']);
  });

  it('does not look at an answer to another question', () => {
    const world = asked();
    const { planHash = '' } = world.status.approvalRequest ?? {};
    world.state.spec = {
      intervention: { requestID: `${world.uid}-7`, planHash, decision: 'Approve', decidedBy: 'alice' },
    };
    world.settle();
    expect(world.status.phase).toBe('AwaitingHuman');
  });

  it('debates once more with the words of a feedback, and with all that were said before', () => {
    const world = asked();
    for (const round of [2, 3]) {
      world.answer('Feedback');
      world.settle();
      expect(world.status).toMatchObject({ phase: 'Debating', debate: { round } });
      // Whoever removes the answer afterwards does not take the words back.
      world.state.spec = {};
      world.finish(job(world, `debate.${round}.1`));
      world.settle();
    }
    expect(world.status.approvalRequest).toMatchObject({ id: `${world.uid}-3`, feedbackLeft: 3 });
    expect(world.state.jobs[job(world, 'debate.3.1')]?.assignment.debate?.feedback).toEqual([
      `words about ${world.uid}-1`,
      `words about ${world.uid}-2`,
    ]);
  });

  it('refuses a feedback that is not left, and asks again', () => {
    const world = asked();
    if (world.status.approvalRequest) world.status.approvalRequest.feedbackLeft = 0;
    world.answer('Feedback');
    const { events } = world.pass();
    expect(events).toMatchObject([{ type: 'Warning', reason: 'DecisionRefused' }]);
    expect(world.status).toMatchObject({ phase: 'AwaitingHuman', approvalRequest: { id: `${world.uid}-2` } });
  });

  it("refuses the requester's own approval where duties are separated", () => {
    const world = asked({ requestedBy: 'alice', ...approval({ separationOfDuties: 'Required' }) });
    world.answer('Approve', 'alice');
    world.settle();
    expect(world.status).toMatchObject({ phase: 'AwaitingHuman', approvalRequest: { id: `${world.uid}-2` } });
    expect(world.status.decisions).toBeUndefined();
    world.answer('Approve', 'bob');
    world.settle();
    expect(world.status.phase).toBe('Executing');
  });

  it('expires when nobody answers in time, and asks about the same plan when a person retries', () => {
    const world = asked(approval({ timeoutSeconds: 60 }));
    const before = JSON.parse(planBytes(world) ?? '{}');
    world.state.nowMs += 59_000;
    world.settle();
    expect(world.status.phase).toBe('AwaitingHuman');
    world.state.nowMs += 1_000;
    world.settle();
    expect(world.status).toMatchObject({ phase: 'Expired' });
    world.state.spec = { ...world.state.spec, retry: 1 };
    world.settle();
    expect(world.status).toMatchObject({
      phase: 'AwaitingHuman',
      approvalRequest: { id: `${world.uid}-2`, dissent: ['It has no tests.'] },
    });
    expect(JSON.parse(planBytes(world) ?? '{}')).toEqual({ ...before, number: 2 });
  });

  it.each([
    {
      name: 'its expiry',
      change: (world: ObjectiveWorld) => {
        world.state.nowMs += 3_600_000;
      },
    },
    {
      name: 'an abort that came after it',
      change: (world: ObjectiveWorld) => {
        world.state.spec = { ...world.state.spec, desiredState: 'Aborted' };
      },
    },
  ])('lets an answer beat $name', ({ change }) => {
    const world = asked(approval({ timeoutSeconds: 60 }));
    world.answer('Feedback');
    change(world);
    const { status } = world.pass();
    expect(status.decisions).toMatchObject([{ decision: 'Feedback' }]);
  });

  it('never executes a plan whose bytes changed after it was approved', () => {
    const world = asked();
    world.answer('Approve');
    const name = world.status.plan?.configMapName ?? '';
    world.state.configMaps[name] = (world.state.configMaps[name] ?? '').replace('t1.md', 't3.md');
    world.settle();
    expect(world.status.phase).toBe('Failed');
    expect(reason(world)).toBe('PlanTampered');
    expect(world.running()).toEqual([]);
  });

  it('never executes a plan that is gone', () => {
    const world = asked();
    world.answer('Approve');
    world.state.configMaps = {};
    world.settle();
    expect(reason(world)).toBe('PlanMissing');
  });
});

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
