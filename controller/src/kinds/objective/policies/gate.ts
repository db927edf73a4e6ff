import type {
  ApprovalRequest,
  Decision,
  Intervention,
  Objective,
  ObjectiveSpec,
  ObjectiveStatus,
} from '@dark-carnival/crds';
import { OBJECTIVE_LIMITS } from '@dark-carnival/crds';
import { digestOf, sha256 } from '../../../runtime/digests.ts';

/** Who decides where nobody is asked (approval.mode Auto). */
export const AUTO_APPROVER = 'system:auto';

/** prevHash of the first decision: the chain begins at a constant that everyone can compute. */
export const GENESIS_HASH = sha256('darkcarnival.dev/decisions');

/** Whether an intervention answers this very question: id and plan. Anything else, such as the last round's answer, is not looked at. */
export function answers(intervention: Intervention | undefined, request: ApprovalRequest | undefined): boolean {
  return (
    intervention !== undefined &&
    request !== undefined &&
    intervention.requestID === request.id &&
    intervention.planHash === request.planHash
  );
}

/** Appends to the chain: each decision carries the hash of the one before, so none can be changed or dropped unseen. */
export function recordDecision(
  decisions: readonly Decision[] | undefined,
  taken: Pick<Decision, 'requestID' | 'planHash' | 'decision' | 'decidedBy' | 'at'>,
): Decision[] {
  const before = decisions ?? [];
  const last = before.at(-1);
  return [...before, { ...taken, prevHash: last ? digestOf(last) : GENESIS_HASH }];
}

/** The hash that may be executed: that of an Approve which is the last word. */
export function approvedHash({ decisions }: ObjectiveStatus): string | undefined {
  const last = decisions?.at(-1);
  return last?.decision === 'Approve' ? last.planHash : undefined;
}

/** Feedback that can still be given: five in a life, and every one needs a round. */
export function feedbackLeft({ decisions, debate }: ObjectiveStatus): number {
  const given = decisions?.filter(({ decision }) => decision === 'Feedback').length ?? 0;
  const rounds = OBJECTIVE_LIMITS.maxRounds - (debate?.round ?? 0);
  return Math.max(0, Math.min(OBJECTIVE_LIMITS.maxFeedback - given, rounds));
}

/** With separation of duties the requester's own approval does not count. */
export function violatesSeparation(spec: Pick<ObjectiveSpec, 'approval' | 'requestedBy'>, decidedBy: string): boolean {
  return spec.approval.separationOfDuties === 'Required' && spec.requestedBy === decidedBy;
}

/** Number of the plan that was asked about last, 0 before the first. Read back from its ConfigMap's name, so it never resets. */
export function lastPlanNumber({ metadata, status }: Pick<Objective, 'metadata' | 'status'>): number {
  const prefix = `${metadata.name}-plan-`;
  const name = status?.plan?.configMapName;
  const number = name?.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0;
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** Number that a request id carries, after the uid. */
export function requestNumber(uid: string, requestID: string): number {
  const number = requestID.startsWith(`${uid}-`) ? Number(requestID.slice(uid.length + 1)) : Number.NaN;
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}
