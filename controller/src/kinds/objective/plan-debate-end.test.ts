import type { PlanProposal, Verdict } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { asked, debateOf, job } from '../../../testing/objective-stories.ts';
import { ObjectiveWorld, planBytes } from '../../../testing/objective-world.ts';
import { aTurn, honestResult, NO_TESTS, SOME_USAGE, TWO_TASKS } from '../../../testing/scripted-answers.ts';

const BLOCKER = { ...NO_TESTS, severity: 'Blocker' as const };
/** What the second round plans, once more or nearly so. */
const LONGER: PlanProposal = {
  ...TWO_TASKS,
  tasks: TWO_TASKS.tasks.map((task) => ({
    ...task,
    instruction: `${'Say what each reading means and where it was taken. '.repeat(4)}${task.title}`,
  })),
};

/** A debate of several rounds, each of which ends as told. */
function debate(
  rounds: number,
  ends: { verdict?: Verdict; dissent?: (typeof NO_TESTS)[]; plan?: PlanProposal }[],
  more = {},
) {
  const world = new ObjectiveWorld({ ...debateOf(rounds), ...more });
  world.settle();
  for (const [index, { verdict = 'Reject', dissent = [NO_TESTS], plan }] of ends.entries()) {
    const id = job(world, `debate.${index + 1}.1`);
    const { assignment } = world.state.jobs[id] ?? {};
    if (!assignment) throw new Error(`round ${index + 1} is not held: ${JSON.stringify(world.status.debate)}`);
    const honest = honestResult(assignment, plan);
    world.finish(id, { ...honest, debate: { ...honest.debate, turns: honest.debate?.turns ?? [], verdict, dissent } });
    world.settle();
  }
  return world;
}
const endOf = (world: ObjectiveWorld) => [
  world.status.phase,
  world.status.debate?.round,
  world.status.debate?.stopReason,
];

describe('a debate of three rounds', () => {
  it('ends with the first that the critic accepts', () => {
    expect(endOf(debate(3, [{}, { verdict: 'Accept' }]))).toEqual(['AwaitingHuman', 2, 'Consensus']);
  });

  it('goes on over an Accept beside a Blocker: a word alone ends nothing', () => {
    expect(endOf(debate(3, [{ verdict: 'Accept', dissent: [BLOCKER] }]))).toEqual(['Debating', 2, undefined]);
  });

  it('goes on where the critic could not be heard, whatever the wagon claims it said', () => {
    const world = new ObjectiveWorld(debateOf(2));
    world.settle();
    const critic = { ...aTurn('critic', 1, 'timed out'), outcome: 'Failed' as const };
    const turns = [aTurn('visionary', 1), critic, aTurn('tactician', 1)];
    world.finish(job(world, 'debate.1.1'), {
      state: 'Succeeded',
      usage: SOME_USAGE,
      debate: { turns, plan: TWO_TASKS, verdict: 'Accept', dissent: [] },
    });
    world.settle();
    expect(endOf(world)).toEqual(['Debating', 2, undefined]);
  });

  it('ends when a round brings the same plan again', () => {
    expect(endOf(debate(3, [{ plan: LONGER }, { plan: structuredClone(LONGER) }]))).toEqual([
      'AwaitingHuman',
      2,
      'Repetition',
    ]);
  });

  it('ends when a round brings nearly the same plan again', () => {
    const near = { ...LONGER, summary: LONGER.summary.replace('Two', 'Some') };
    expect(endOf(debate(3, [{ plan: LONGER }, { plan: near }]))).toEqual(['AwaitingHuman', 2, 'Stall']);
  });

  it('ends when what is left would not pay for another round like the last', () => {
    expect(endOf(debate(3, [{}], { budget: { maxTokens: 150 } }))).toEqual(['AwaitingHuman', 1, 'BudgetShort']);
    expect(endOf(debate(3, [{}], { budget: { maxTokens: 200 } }))).toEqual(['Debating', 2, undefined]);
  });

  it('says so when it is stopped', () => {
    const world = debate(3, [{}]);
    world.state.spec = { ...world.state.spec, desiredState: 'Aborted' };
    world.settle();
    expect(endOf(world)).toEqual(['Aborted', 2, 'Aborted']);
  });

  it('asks with the objections to the last round, and the plan holds them in full', () => {
    const world = debate(2, [{ dissent: [BLOCKER] }, { dissent: [NO_TESTS] }]);
    expect(endOf(world)).toEqual(['AwaitingHuman', 2, 'RoundsDone']);
    expect(JSON.parse(planBytes(world) ?? '').dissent).toEqual([NO_TESTS]);
    expect(world.status.approvalRequest?.dissent).toEqual(['[Major, Rejected] It has no tests. (There is no code.)']);
  });
});

it('one round after a feedback that brings the old plan again says so', () => {
  const world = asked(undefined, { proposal: LONGER });
  expect(world.status.debate?.stopReason).toBe('RoundsDone');
  world.answer('Feedback');
  world.settle();
  world.finish(job(world, 'debate.2.1'));
  world.settle();
  expect(endOf(world)).toEqual(['AwaitingHuman', 2, 'Repetition']);
});
