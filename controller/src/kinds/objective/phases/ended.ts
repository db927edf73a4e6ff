import { type Draft, moveTo, type Phase, requeueIn, type Step } from '../draft.ts';
import { attemptBeforeRetry } from '../policies/attempts.ts';
import { endedByBudget } from '../policies/budget.ts';
import { approvedHash } from '../policies/gate.ts';
import { trackedByGitOps, ttlLeftMs } from '../policies/retention.ts';
import type { Snapshot } from '../snapshot.ts';
import { askAgain, withPlan } from './awaiting-human.ts';

/** Improvement is not installed yet: it is passed over, and the condition Improved says so. */
export const improving: Phase = ({ objective: { spec } }, draft) => {
  if (spec.desiredState === 'Aborted') return moveTo(draft, 'Aborted', 'the results were not scored');
  if (spec.desiredState === 'Paused') return 'settled';
  return moveTo(draft, 'Completed', 'improvement is not installed');
};

/** Completed and Aborted are for good. */
export const ended: Phase = (snapshot, draft) => {
  keepOrDelete(snapshot, draft);
  return 'settled';
};

/** A failed run goes on where it can when spec.retry has grown: with its failed tasks, or with the debate from the start. */
export const failed: Phase = (snapshot, draft) => {
  if (!wantsRetry(snapshot, draft)) return ended(snapshot, draft);
  takeRetry(snapshot, draft);
  if (approvedHash(draft.status) === undefined)
    return endedByBudget(draft.status) ? debateOn(draft) : debateAgain(draft);
  const { retries } = snapshot.objective.spec.execution;
  for (const task of draft.status.tasks ?? []) {
    if (task.state === 'Succeeded') continue;
    task.state = 'Pending';
    task.attempt = Math.max(task.attempt ?? 0, attemptBeforeRetry(retries, draft.status.retriesTaken ?? 0));
    delete task.inputsDigest;
    delete task.message;
  }
  return moveTo(draft, 'Executing', 'what failed runs again');
};

/** An expired question is put again, about the same plan, under a new request. */
export const expired: Phase = (snapshot, draft) => {
  if (!wantsRetry(snapshot, draft)) return ended(snapshot, draft);
  return withPlan(draft, (plan) => {
    takeRetry(snapshot, draft);
    return askAgain(snapshot, draft, plan);
  });
};

function wantsRetry({ objective: { spec } }: Snapshot, { status }: Draft): boolean {
  return spec.retry > (status.retriesTaken ?? 0) && spec.desiredState !== 'Aborted';
}

function takeRetry({ objective: { spec } }: Snapshot, draft: Draft): void {
  draft.status.retriesTaken = spec.retry;
  delete draft.status.completionTime;
}

/** The open round goes on with the turns that were paid for. */
function debateOn(draft: Draft): Step {
  const { debate } = draft.status;
  if (debate) delete debate.stopReason;
  return moveTo(draft, 'Pending', 'the debate goes on where its budget ended');
}

/** Rounds count on, so no id is used twice. The turns of the failed debate leave status, and stay in the vault. */
function debateAgain(draft: Draft): Step {
  const { debate } = draft.status;
  if (debate) draft.status.debate = { round: debate.round + 1 };
  return moveTo(draft, 'Pending', 'the debate starts again');
}

function keepOrDelete({ objective, nowMs }: Snapshot, draft: Draft): void {
  const { spec, metadata } = objective;
  const left = ttlLeftMs(spec.ttlSecondsAfterFinished, { ...draft.status, phase: draft.phase }, nowMs);
  if (left === undefined || trackedByGitOps(metadata)) return;
  if (left > 0) requeueIn(draft, left);
  else {
    draft.effects.push({ type: 'deleteObjective' });
    draft.notes.push('Its time to live is over');
  }
}
