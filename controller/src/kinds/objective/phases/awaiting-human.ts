import type { ApprovalRequest, Intervention, Plan } from '@dark-carnival/crds';
import { type Draft, fail, moveTo, type Phase, requeueIn, type Step, timestamp } from '../draft.ts';
import { answers, recordDecision, requestNumber, violatesSeparation } from '../policies/gate.ts';
import { renumber } from '../policies/plan-document.ts';
import type { Snapshot } from '../snapshot.ts';
import { ask, nextPlanNumber } from './ask.ts';

/**
 * The gate. An answer to the open request is taken exactly once: the decision, the end of the request and the move to the next phase are one write. It
 * beats the expiry and an abort that came after it. Waiting holds no slot of a wagon.
 */
export const awaitingHuman: Phase = (snapshot, draft) => {
  const { spec } = snapshot.objective;
  const request = draft.status.approvalRequest;
  // Only a status that was edited by hand waits without a question.
  if (!request) return withPlan(draft, (plan) => askAgain(snapshot, draft, plan));
  const { intervention } = spec;
  const answered = intervention && answers(intervention, request);
  // A pause holds back what would cost something; an end costs nothing.
  if (spec.desiredState === 'Paused' && !(answered && intervention.decision === 'Abort')) return 'settled';
  if (answered) return take(snapshot, draft, request, intervention);
  if (spec.desiredState === 'Aborted') {
    delete draft.status.approvalRequest;
    return moveTo(draft, 'Aborted', 'before anybody decided');
  }
  return wait(snapshot, draft, request);
};

function wait({ nowMs }: Snapshot, draft: Draft, { expiresAt }: ApprovalRequest): Step {
  if (expiresAt === undefined) return 'settled';
  const left = Date.parse(expiresAt) - nowMs;
  if (left > 0) {
    requeueIn(draft, left);
    return 'settled';
  }
  delete draft.status.approvalRequest;
  return moveTo(draft, 'Expired', 'nobody decided in time');
}

function take(snapshot: Snapshot, draft: Draft, request: ApprovalRequest, intervention: Intervention): Step {
  const { decision, decidedBy } = intervention;
  const countsNot =
    (decision === 'Approve' && violatesSeparation(snapshot.objective.spec, decidedBy)) ||
    (decision === 'Feedback' && request.feedbackLeft === 0);
  if (countsNot) return withPlan(draft, (plan) => refuseDecision(snapshot, draft, plan, intervention));
  // Without its plan an approval cannot be acted on, and without its words a feedback cannot: gather has not read them yet.
  if (decision === 'Approve' && draft.plan === undefined) return lookAgain(draft);
  if (decision === 'Feedback' && (draft.texts === undefined || 'missing' in draft.texts)) return lookAgain(draft);
  delete draft.status.approvalRequest;
  draft.status.decisions = recordDecision(draft.status.decisions, {
    requestID: request.id,
    planHash: request.planHash,
    decision,
    decidedBy,
    at: timestamp(snapshot.nowMs),
  });
  draft.notes.push(`${decision} by ${decidedBy}`);
  switch (decision) {
    case 'Approve':
      return moveTo(draft, 'Executing', `plan approved by ${decidedBy}`);
    case 'Abort':
      return moveTo(draft, 'Aborted', `by ${decidedBy}`);
    case 'Feedback':
      return injectFeedback(snapshot, draft, intervention);
  }
}

/** The words go into a ConfigMap before the decision is written: afterwards spec.intervention may be removed. */
function injectFeedback({ objective }: Snapshot, draft: Draft, { requestID, feedback, decidedBy }: Intervention): Step {
  const { debate } = draft.status;
  const afterRound = debate?.round ?? 1;
  const record = { requestID, afterRound, by: decidedBy, text: feedback ?? '' };
  draft.prepare.push({ type: 'storeFeedback', number: requestNumber(objective.uid, requestID), record });
  if (draft.texts && 'context' in draft.texts) {
    draft.texts = { ...draft.texts, feedback: [...draft.texts.feedback, record] };
  }
  if (debate) {
    debate.round = afterRound + 1;
    delete debate.attempt;
    delete debate.inputsDigest;
    delete debate.stopReason;
  }
  return moveTo(draft, 'Pending', `round ${afterRound + 1} answers the feedback of ${decidedBy}`);
}

/** An answer that does not count closes its request; the same plan is asked about again, since the answer itself cannot be changed any more. */
function refuseDecision(snapshot: Snapshot, draft: Draft, plan: Plan, { decision, decidedBy }: Intervention): Step {
  const why =
    decision === 'Approve' ? 'separationOfDuties is Required and they requested it' : 'no feedback round is left';
  const message = `${decision} by ${decidedBy} does not count: ${why}`;
  draft.events.push({ type: 'Warning', reason: 'DecisionRefused', message });
  draft.notes.push(message);
  return askAgain(snapshot, draft, plan);
}

/** The same plan under the next number, with what the critic held against it. */
export function askAgain(snapshot: Snapshot, draft: Draft, plan: Plan): Step {
  delete draft.status.approvalRequest;
  ask(snapshot, draft, renumber(plan, nextPlanNumber(snapshot)));
  return 'settled';
}

export function withPlan(draft: Draft, then: (plan: Plan) => Step): Step {
  const { plan } = draft;
  if (plan === undefined) return lookAgain(draft);
  if (plan.outcome === 'intact') return then(plan.plan);
  delete draft.status.approvalRequest;
  return fail(draft, planProblem(plan));
}

/** Why a plan that is not intact may not be executed. */
export function planProblem(plan: { outcome: 'missing' } | { outcome: 'tampered'; message: string }): {
  reason: string;
  message: string;
} {
  return plan.outcome === 'missing'
    ? { reason: 'PlanMissing', message: 'the ConfigMap of the plan is gone' }
    : { reason: 'PlanTampered', message: `the ConfigMap of the plan is not what was asked about: ${plan.message}` };
}

function lookAgain(draft: Draft): Step {
  requeueIn(draft, 0);
  return 'settled';
}
