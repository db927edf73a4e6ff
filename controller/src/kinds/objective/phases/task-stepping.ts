import { artifactPath, type Plan, type PlanTask, type TaskStatus } from '@dark-carnival/crds';
import { type Draft, requeueIn } from '../draft.ts';
import { type ActiveJob, activeJobs } from '../policies/active-jobs.ts';
import { taskAssignment } from '../policies/assignments.ts';
import { mayRetryFailed, mayRetryLost, taskDeadlineMs } from '../policies/attempts.ts';
import { judgeTask } from '../policies/claims.ts';
import {
  type AttemptOver,
  claimRefused,
  type JobVerdict,
  judgeJob,
  neverTaken,
  POLL_MS,
  taskMessage,
} from '../policies/job-verdict.ts';
import { afterRefusedKey } from '../policies/refused-keys.ts';
import { settle, settleLost } from '../policies/settling.ts';
import { whoAnswered } from '../policies/who-answered.ts';
import type { Snapshot } from '../snapshot.ts';
import { grantFor, outstandingOf } from './granted.ts';

/** What is held is not waited for: this is for an end of a call in flight whose event was lost. */
const HELD_POLL_MS = 60_000;

interface Step {
  snapshot: Snapshot;
  draft: Draft;
  plan: Plan;
  planTask: PlanTask;
  task: TaskStatus;
  active: ActiveJob;
}

/** Takes in what is known of every task that runs. */
export function stepTasks(snapshot: Snapshot, draft: Draft, plan: Plan): void {
  const { uid } = snapshot.objective;
  for (const active of activeJobs(uid, { ...draft.status, phase: draft.phase })) {
    const planTask = plan.tasks.find(({ id }) => id === active.part);
    const task = draft.status.tasks?.find(({ id }) => id === active.part);
    if (!planTask || !task) continue;
    const verdict = judgeJob(active, snapshot.jobs.get(active.id), {
      lost: snapshot.lost.has(active.wagonName),
      deadlineMs: taskDeadlineMs(plan.execution.taskTimeoutSeconds),
      backoffBaseMs: snapshot.backoffBaseMs,
    });
    follow({ snapshot, draft, plan, planTask, task, active }, verdict);
  }
}

/** What waits for a task that will never be done is not done either. */
export function skipDependents(tasks: TaskStatus[], plan: Plan): void {
  const byID = new Map(tasks.map((task) => [task.id, task]));
  let changed = true;
  while (changed) {
    changed = false;
    for (const { id, dependsOn } of plan.tasks) {
      const task = byID.get(id);
      const dead = dependsOn.find((other) => isDead(byID.get(other)));
      if (task?.state !== 'Pending' || dead === undefined) continue;
      task.state = 'Skipped';
      task.message = `it depends on ${dead}, which was not done`;
      changed = true;
    }
  }
}

const isDead = (task: TaskStatus | undefined) =>
  task?.state === 'Failed' || task?.state === 'Skipped' || task?.state === 'Cancelled';

function follow(step: Step, verdict: JobVerdict): void {
  const { draft } = step;
  switch (verdict.verdict) {
    case 'wait':
      requeueIn(draft, verdict.requeueMs);
      return;
    case 'running':
      requeueIn(draft, verdict.job.held ? HELD_POLL_MS : POLL_MS);
      return;
    case 'give':
      give(step);
      return;
    case 'succeeded':
      succeeded(step, verdict);
      return;
    case 'over':
      attemptOver(step, verdict);
  }
}

/** The wagon does not hold the task: it is given again, unless what it depends on has changed since the digest was recorded. */
function give(step: Step): void {
  const { snapshot, draft, plan, planTask, task, active } = step;
  const { objective, leaderEpoch } = snapshot;
  requeueIn(draft, POLL_MS);
  // A paused Objective gives nothing; what a wagon holds may finish.
  if (objective.spec.desiredState === 'Paused') return;
  const wagon = snapshot.wagons.get(active.wagonName);
  const texts = draft.texts;
  if (!wagon || texts === undefined || 'missing' in texts) return;
  const assignment = taskAssignment({
    objective,
    plan,
    planHash: draft.status.plan?.hash ?? '',
    task: planTask,
    attempt: active.attempt,
    tasks: draft.status.tasks ?? [],
    context: texts.context,
    grant: grantFor(snapshot, draft, plan, planTask) ?? {},
    wagon,
    known: snapshot.providers,
    leaderEpoch,
  });
  if (assignment.inputsDigest === task.inputsDigest) {
    draft.effects.push({ type: 'putJob', wagonName: wagon.name, assignment });
    return;
  }
  const cause = { reason: 'InputsChanged', message: 'what it depends on has changed before a wagon took it' };
  attemptOver(step, { verdict: 'over', cause, retryable: true, lost: true, cancel: false });
}

function succeeded(step: Step, { job }: Extract<JobVerdict, { verdict: 'succeeded' }>): void {
  const { snapshot, draft, planTask, task, active } = step;
  const asked = { objectiveName: snapshot.objective.name, task: planTask, wagonName: active.wagonName };
  const claim = judgeTask(job, asked);
  if (claim.outcome === 'refused') {
    const seen = snapshot.jobs.get(active.id);
    const doneForMs = seen?.outcome === 'found' ? seen.doneForMs : 0;
    follow(step, claimRefused(active, doneForMs, claim.message, snapshot.backoffBaseMs));
    return;
  }
  settle(draft.status, job, snapshot, task);
  task.state = 'Succeeded';
  task.artifact = claim.value;
  delete task.passedOver;
  Object.assign(task, whoAnswered(job.task ?? {}));
  delete task.message;
  draft.notes.push(`${task.id} left ${artifactPath(planTask)}`);
}

function attemptOver(step: Step, given: AttemptOver): void {
  const { snapshot, draft, plan, task, active } = step;
  const over = afterRefusedKey(given, [plan.execution], snapshot);
  const seen = snapshot.jobs.get(active.id);
  if (seen?.outcome === 'found' && !over.cancel) settle(draft.status, seen.job, snapshot, task);
  else if ((over.lost || over.cancel) && !neverTaken(over)) {
    const heard = seen?.outcome === 'found' ? seen.job : snapshot.lastHeard.get(active.id);
    settleLost(draft.status, heard, { ...snapshot, granted: outstandingOf(snapshot, draft, active) }, task);
  }
  if (over.cancel) draft.effects.push({ type: 'cancelJob', wagonName: active.wagonName, id: active.id });
  const { retries } = plan.execution;
  const tries = { attempt: active.attempt, retries, retriesTaken: draft.status.retriesTaken ?? 0 };
  const again = over.retryable && (over.lost ? mayRetryLost(tries) : mayRetryFailed(tries));
  task.state = again ? 'Pending' : 'Failed';
  task.message = taskMessage(over.cause);
  delete task.inputsDigest;
  draft.notes.push(`${task.id}, attempt ${active.attempt}: ${over.cause.reason}`);
}
