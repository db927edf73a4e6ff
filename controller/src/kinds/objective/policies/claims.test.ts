import type { JobStatus } from '@dark-carnival/crds';
import { aPlanTask } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { aTurn, NO_TESTS, SOME_USAGE, TWO_TASKS } from '../../../../testing/scripted-answers.ts';
import { judgeRound, judgeTask } from './claims.ts';

const digest = `sha256:${'a'.repeat(64)}`;
type Debate = NonNullable<JobStatus['debate']>;
const turns = [aTurn('visionary', 1), aTurn('critic', 1), aTurn('tactician', 1)];
const round = (debate: Partial<Debate>): JobStatus => ({
  id: 'u.debate.1.1',
  inputsDigest: digest,
  state: 'Succeeded',
  usage: SOME_USAGE,
  debate: { turns, plan: TWO_TASKS, dissent: [], ...debate },
});
const tasks = (...given: Parameters<typeof aPlanTask>[0][]) => ({
  summary: 'A plan.',
  tasks: given.map((task) => aPlanTask(task)),
});
const reason = (claim: { outcome: string; message?: string }) =>
  claim.outcome === 'refused' ? claim.message : undefined;

describe('what a wagon says about a round', () => {
  it('is believed when it is honest', () => {
    expect(judgeRound(round({}), { round: 1, maxTasks: 20 })).toMatchObject({
      outcome: 'believed',
      value: { proposal: TWO_TASKS },
    });
  });

  it.each([
    { name: 'turns of another round', debate: { turns: [aTurn('tactician', 2)] }, want: /round 2 instead of 1/ },
    {
      name: 'a seat that speaks twice',
      debate: { turns: [aTurn('critic', 1), aTurn('critic', 1)] },
      want: /twice or out of turn/,
    },
    { name: 'seats out of turn', debate: { turns: [aTurn('critic', 1), aTurn('visionary', 1)] }, want: /out of turn/ },
    {
      name: 'a text that is not what was hashed',
      debate: { turns: [{ ...aTurn('tactician', 1), text: 'swapped' }] },
      want: /does not hash/,
    },
    {
      name: 'a round without the tactician',
      debate: { turns: [aTurn('visionary', 1)] },
      want: /without an answer of the tactician/,
    },
    { name: 'no plan', debate: { plan: undefined }, want: /plan is not valid/ },
    { name: 'a plan that is no plan', debate: { plan: 'do it' as never }, want: /plan is not valid/ },
    { name: 'a path that leads out', debate: { plan: tasks({ path: '../x' }) }, want: /plan is not valid/ },
    { name: 'an absolute path', debate: { plan: tasks({ path: '/etc/x' }) }, want: /plan is not valid/ },
    { name: 'a path with NUL', debate: { plan: tasks({ path: 'a\u0000b' }) }, want: /plan is not valid/ },
    {
      name: 'paths that collide without case',
      debate: { plan: tasks({ path: 'A.md' }, { id: 't2', path: 'a.md' }) },
      want: /collides/,
    },
    { name: 'ids twice', debate: { plan: tasks({}, { path: 'b.md' }) }, want: /used twice/ },
    {
      name: 'a circle',
      debate: { plan: tasks({ dependsOn: ['t2'] }, { id: 't2', path: 'b.md', dependsOn: ['t1'] }) },
      want: /wait for each other/,
    },
  ] as { name: string; debate: Partial<Debate>; want: RegExp }[])('is refused with $name', ({ debate, want }) => {
    expect(reason(judgeRound(round(debate), { round: 1, maxTasks: 20 }))).toMatch(want);
  });

  it('is refused with more tasks than allowed', () => {
    expect(reason(judgeRound(round({}), { round: 1, maxTasks: 1 }))).toMatch(/at most 1/);
  });

  it('counts a critic that failed as an objection', () => {
    const failed = { ...aTurn('critic', 1, 'timed out'), outcome: 'Failed' as const };
    const claim = judgeRound(
      round({ turns: [aTurn('visionary', 1), failed, aTurn('tactician', 1)], verdict: 'Accept', dissent: [NO_TESTS] }),
      { round: 1, maxTasks: 20 },
    );
    const claim1 = {
      id: 'o1',
      severity: 'Blocker',
      claim: 'The critic could not be heard: timed out',
      response: 'Unanswered',
    };
    expect(claim).toMatchObject({ value: { criticism: { verdict: 'Reject', dissent: [claim1] } } });
  });

  it('is believed about objections in safe text, and a Rejected without a reason is no answer', () => {
    const dissent = [
      { ...NO_TESTS, claim: 'Too\u001b[2J long' },
      { ...NO_TESTS, id: 'o2', reason: undefined },
    ];
    expect(judgeRound(round({ verdict: 'Accept', dissent }), { round: 1, maxTasks: 20 })).toMatchObject({
      value: { criticism: { verdict: 'Accept', dissent: [{ claim: 'Too long' }, { response: 'Unanswered' }] } },
    });
  });

  it.each([
    {
      name: 'objections without a critic',
      debate: { turns: [aTurn('tactician', 1)], dissent: [NO_TESTS] },
      want: /no critic/,
    },
    { name: 'two objections of one id', debate: { dissent: [NO_TESTS, NO_TESTS] }, want: /one id/ },
  ])('is refused with $name', ({ debate, want }) => {
    expect(reason(judgeRound(round(debate), { round: 1, maxTasks: 20 }))).toMatch(want);
  });

  it('takes a critic that gives no verdict for one that rejects', () => {
    expect(judgeRound(round({}), { round: 1, maxTasks: 20 })).toMatchObject({
      value: { criticism: { verdict: 'Reject', dissent: [] } },
    });
  });
});

describe('what a wagon says about a task', () => {
  const asked = { objectiveName: 'tide', task: aPlanTask({ path: 'chart.md' }), wagonName: 'lxc-core' };
  const left = (artifact: object | undefined): JobStatus => ({
    id: 'u.task.t1.1',
    inputsDigest: digest,
    state: 'Succeeded',
    usage: SOME_USAGE,
    task: artifact === undefined ? {} : { artifact: { sha256: digest, bytes: 3, ...artifact } as never },
  });

  it('is believed when it left the file that the plan names', () => {
    expect(judgeTask(left({ file: 'tide/chart.md' }), asked)).toEqual({
      outcome: 'believed',
      value: { wagonName: 'lxc-core', file: 'tide/chart.md', sha256: digest, bytes: 3, state: 'Available' },
    });
  });

  it.each([
    { name: 'another file', artifact: { file: 'tide/other.md' }, want: /instead of tide\/chart\.md/ },
    { name: "another Objective's file", artifact: { file: 'secret/chart.md' }, want: /instead of/ },
    { name: 'a file outside', artifact: { file: 'tide/../../etc/passwd' }, want: /instead of/ },
    { name: 'an empty file', artifact: { file: 'tide/chart.md', bytes: 0 }, want: /empty/ },
    { name: 'no file', artifact: undefined, want: /without a file/ },
  ])('is refused with $name', ({ artifact, want }) => {
    expect(reason(judgeTask(left(artifact), asked))).toMatch(want);
  });
});
