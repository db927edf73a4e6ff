import type { CelRule } from '../schema/fields.ts';
import { NAME_LENGTH_RULE } from './kind.ts';

/**
 * The gate as CEL: what binds a decision to the open request and its plan, in every engine, without any server of ours in the way.
 * Tried within the cost budget of kube-apiserver 1.34; each rule stays on one line (a line break would need a static message).
 */
export const OBJECTIVE_ROOT_RULES: CelRule[] = [
  NAME_LENGTH_RULE,
  {
    // At creation the server drops status, so this refuses an intervention that was written before anything was asked.
    rule: '!has(self.spec.intervention) || (has(self.status) && (has(self.status.approvalRequest) || has(self.status.decisions)))',
    message: 'spec.intervention is absent until the Objective asks: it answers status.approvalRequest',
    fieldPath: '.spec.intervention',
  },
  {
    rule: '!has(self.spec.intervention) || (has(oldSelf.spec.intervention) && self.spec.intervention == oldSelf.spec.intervention) || (has(self.status) && has(self.status.approvalRequest) && self.spec.intervention.requestID == self.status.approvalRequest.id && self.spec.intervention.planHash == self.status.approvalRequest.planHash)',
    messageExpression:
      'has(self.status) && has(self.status.approvalRequest) ? "spec.intervention must carry requestID " + self.status.approvalRequest.id + " and planHash " + self.status.approvalRequest.planHash : (has(self.status) && has(self.status.decisions) && size(self.status.decisions) > 0 ? "no request is open; the last was answered " + self.status.decisions[size(self.status.decisions) - 1].decision + " by " + self.status.decisions[size(self.status.decisions) - 1].decidedBy : "no approval request is open")',
    reason: 'FieldValueForbidden',
    fieldPath: '.spec.intervention',
  },
  {
    rule: '!(has(oldSelf.spec.intervention) && has(oldSelf.status) && has(oldSelf.status.approvalRequest) && oldSelf.spec.intervention.requestID == oldSelf.status.approvalRequest.id) || (has(self.spec.intervention) && self.spec.intervention == oldSelf.spec.intervention)',
    messageExpression:
      '"request " + oldSelf.spec.intervention.requestID + " has been answered: " + oldSelf.spec.intervention.decision + " by " + oldSelf.spec.intervention.decidedBy',
    reason: 'FieldValueForbidden',
    fieldPath: '.spec.intervention',
  },
  {
    rule: "!has(self.spec.intervention) || self.spec.intervention.decision != 'Feedback' || (has(oldSelf.spec.intervention) && self.spec.intervention == oldSelf.spec.intervention) || (has(self.status) && has(self.status.approvalRequest) && has(self.status.approvalRequest.feedbackLeft) && self.status.approvalRequest.feedbackLeft > 0)",
    message: 'no feedback round is left: Approve or Abort',
    fieldPath: '.spec.intervention.decision',
  },
];

const grows = (field: string, left: string, right: string) =>
  `(!has(self.budget) || !has(self.budget.${field}) || (has(oldSelf.budget) && has(oldSelf.budget.${field}) && ${left} >= ${right}))`;

/** Rules on `spec` beside the generated immutability rule. */
export const OBJECTIVE_SPEC_RULES: CelRule[] = [
  {
    rule: '!(has(self.wagonName) && has(self.wagonSelector))',
    message: 'wagonName and wagonSelector exclude each other',
  },
  {
    rule: "oldSelf.desiredState != 'Aborted' || self.desiredState == 'Aborted'",
    message: 'an aborted Objective stays aborted: make a new one',
  },
  {
    rule: "self.retry >= oldSelf.retry && (oldSelf.desiredState != 'Aborted' || self.retry == oldSelf.retry)",
    message: 'retry only grows, and not once aborted',
  },
  {
    rule: [
      grows('maxTokens', 'self.budget.maxTokens', 'oldSelf.budget.maxTokens'),
      grows('maxCostUSD', 'double(self.budget.maxCostUSD)', 'double(oldSelf.budget.maxCostUSD)'),
      grows('maxDurationSeconds', 'self.budget.maxDurationSeconds', 'oldSelf.budget.maxDurationSeconds'),
    ].join(' && '),
    message: 'a limit of the budget may grow or be removed; one that was absent cannot be set later',
  },
];
