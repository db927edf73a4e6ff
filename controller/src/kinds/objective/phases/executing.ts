import type { Plan } from '@dark-carnival/crds';
import { digestOf } from '../../../runtime/digests.ts';
import { type Cause, type Draft, fail, moveTo, type Phase, queueFor, requeueIn, type Step } from '../draft.ts';
import { BUDGET_EXHAUSTED, outOfTime } from '../policies/budget.ts';
import { approvedHash } from '../policies/gate.ts';
import type { Snapshot } from '../snapshot.ts';
import { planProblem } from './awaiting-human.ts';
import { cancelActive } from './cancelling.ts';
import { holdActive, releaseActive } from './holding.ts';
import { assignTasks } from './task-assigning.ts';
import { skipDependents, stepTasks } from './task-stepping.ts';
import { requeueAtEnd } from './time-limit.ts';

/** Wagons and providers wake us; this is for a wake that was lost. */
const QUEUE_RETRY_MS = 15_000;

/** Runs the tasks of the approved plan, and of no other: nothing here reads the spec for what is to be done. */
export const executing: Phase = (snapshot, draft) => {
  const { spec } = snapshot.objective;
  if (spec.desiredState === 'Aborted') return abort(snapshot, draft);
  const problem = whyNotExecutable(snapshot, draft);
  if (problem) return cancelActive(snapshot, draft) ? fail(draft, problem) : 'settled';
  const plan = draft.plan?.outcome === 'intact' ? draft.plan.plan : undefined;
  if (!plan) {
    requeueIn(draft, 0);
    return 'settled';
  }
  draft.status.tasks ??= plan.tasks.map(({ id, title, kind }) => ({ id, title, kind, state: 'Pending' as const }));
  const timeUp = spec.desiredState === 'Paused' ? undefined : outOfTime(spec.budget, draft.status, snapshot.nowMs);
  if (timeUp) return stop(snapshot, draft, timeUp);
  if (spec.desiredState === 'Paused') holdActive(snapshot, draft);
  else releaseActive(snapshot, draft);
  stepTasks(snapshot, draft, plan);
  skipDependents(draft.status.tasks, plan);
  if (spec.desiredState === 'Paused') return 'settled';
  const held = assignTasks(snapshot, draft, plan);
  requeueAtEnd(snapshot, draft);
  return conclude(snapshot, draft, held);
};

/** Ends what runs, and the Objective with it, unless it turns out that every task is done. */
function stop(snapshot: Snapshot, draft: Draft, cause: Cause): Step {
  if (!cancelActive(snapshot, draft)) return 'settled';
  const isDone = draft.status.tasks?.every(({ state }) => state === 'Succeeded') ?? false;
  return isDone ? conclude(snapshot, draft, undefined) : fail(draft, cause);
}

/** The approval is for exactly these bytes and these inputs. */
function whyNotExecutable({ objective }: Snapshot, draft: Draft): Cause | undefined {
  const hash = approvedHash(draft.status);
  if (hash === undefined || hash !== draft.status.plan?.hash) {
    return { reason: 'NotApproved', message: 'the last decision is not an approval of the plan in status' };
  }
  if (draft.plan === undefined) return undefined;
  if (draft.plan.outcome !== 'intact') return planProblem(draft.plan);
  return inputsChanged(draft, draft.plan.plan, objective.spec.skills ?? []);
}

function inputsChanged({ texts }: Draft, plan: Plan, skills: readonly string[]): Cause | undefined {
  if (digestOf(skills) !== plan.inputs.skillsDigest) return changed('the skills');
  if (texts === undefined) return undefined;
  if ('missing' in texts) return changed(`the context (missing: ${texts.missing.join(', ')})`);
  return digestOf(texts.context) === plan.inputs.contextDigest ? undefined : changed('the context');
}

const changed = (what: string): Cause => ({
  reason: 'InputsChanged',
  message: `${what} changed since the plan was approved; restore it and raise spec.retry, or make a new Objective`,
});

function abort(snapshot: Snapshot, draft: Draft): Step {
  if (!cancelActive(snapshot, draft)) return 'settled';
  for (const task of draft.status.tasks ?? []) {
    if (task.state === 'Pending') task.state = 'Cancelled';
  }
  return moveTo(draft, 'Aborted', 'the tasks were stopped');
}

/** Nothing runs and nothing can be given: the run is over, or it waits. */
function conclude({ nowMs }: Snapshot, draft: Draft, held: Cause | undefined): Step {
  const tasks = draft.status.tasks ?? [];
  if (tasks.some(({ state }) => state === 'Running')) {
    delete draft.status.queue;
    return 'settled';
  }
  if (tasks.some(({ state }) => state === 'Pending')) {
    if (held?.reason === BUDGET_EXHAUSTED) return fail(draft, held);
    // A failed attempt that waits for its back-off has no cause to show.
    if (held) queueFor(draft, nowMs, held);
    requeueIn(draft, QUEUE_RETRY_MS);
    return 'settled';
  }
  const bad = tasks.filter(({ state }) => state !== 'Succeeded');
  if (bad.length === 0) return moveTo(draft, 'Improving', 'every task succeeded');
  const broke = bad.find(({ message }) => message?.startsWith(BUDGET_EXHAUSTED));
  if (broke) return fail(draft, { reason: BUDGET_EXHAUSTED, message: broke.message ?? '' });
  const names = bad.filter(({ state }) => state === 'Failed').map(({ id }) => id);
  return fail(draft, {
    reason: 'TasksFailed',
    message: `${names.join(', ')} failed; raise spec.retry to run what failed again`,
  });
}
