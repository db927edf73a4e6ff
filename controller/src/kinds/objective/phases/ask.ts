import { approvalRequestID, dissentLine, planConfigMapName } from '@dark-carnival/crds';
import { type Draft, moveTo, type Step, timestamp } from '../draft.ts';
import { AUTO_APPROVER, feedbackLeft, lastPlanNumber, recordDecision } from '../policies/gate.ts';
import type { PlanDocument } from '../policies/plan-document.ts';
import type { Snapshot } from '../snapshot.ts';

/** Number that the next plan gets. */
export const nextPlanNumber = ({ objective }: Snapshot): number => lastPlanNumber(objective) + 1;

/**
 * Puts the question: the plan goes into its ConfigMap, its hash into the request. With approval Auto the answer is there at once. Everything that
 * the request promises is prepared before status is written.
 */
export function ask(snapshot: Snapshot, draft: Draft, document: PlanDocument): Step {
  const { name, spec, uid } = snapshot.objective;
  const { plan, bytes, hash } = document;
  draft.prepare.push({ type: 'storePlan', number: plan.number, bytes });
  draft.plan = { outcome: 'intact', plan, bytes };
  draft.status.plan = {
    hash,
    summary: plan.summary,
    configMapName: planConfigMapName(name, plan.number),
    taskCount: plan.tasks.length,
  };
  const id = approvalRequestID(uid, plan.number);
  const at = timestamp(snapshot.nowMs);
  if (spec.approval.mode === 'Auto') {
    const taken = { requestID: id, planHash: hash, decision: 'Approve', decidedBy: AUTO_APPROVER, at } as const;
    draft.status.decisions = recordDecision(draft.status.decisions, taken);
    return moveTo(draft, 'Executing', `plan ${plan.number} is approved by ${AUTO_APPROVER}`);
  }
  const { timeoutSeconds } = spec.approval;
  draft.status.approvalRequest = {
    id,
    planHash: hash,
    requestedAt: at,
    ...(timeoutSeconds === undefined ? {} : { expiresAt: timestamp(snapshot.nowMs + timeoutSeconds * 1000) }),
    feedbackLeft: feedbackLeft(draft.status),
    forecast: {
      tokens: plan.forecast.tokens,
      ...(plan.forecast.costUSD === undefined ? {} : { costUSD: plan.forecast.costUSD }),
    },
    ...(plan.dissent === undefined ? {} : { dissent: plan.dissent.map(dissentLine) }),
  };
  return moveTo(draft, 'AwaitingHuman', `plan ${plan.number} waits for a decision`);
}
