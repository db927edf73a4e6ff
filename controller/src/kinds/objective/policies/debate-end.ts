import type { DebateStopReason, PlanProposal } from '@dark-carnival/crds';
import { likeness } from './plan-likeness.ts';
import type { Criticism } from './round-dissent.ts';

export interface RoundOutcome {
  criticism: Criticism;
  proposal: PlanProposal;
  /** The plan of the round before, where there was one. */
  before: PlanProposal | undefined;
  /** No further round is asked for, or allowed. */
  isLast: boolean;
  /** What is left of the budget would not pay for another round like this one. */
  isShort: boolean;
}

/**
 * Whether a debate ends with this round, and why. A model's word alone ends nothing: the critic's Accept counts only while none of its
 * objections is a Blocker, repetition is measured on the plans, and the rest is the Objective's own.
 */
export function debateEnd({
  criticism,
  proposal,
  before,
  isLast,
  isShort,
}: RoundOutcome): DebateStopReason | undefined {
  const isBlocked = criticism.dissent.some(({ severity }) => severity === 'Blocker');
  if (criticism.verdict === 'Accept' && !isBlocked) return 'Consensus';
  const alike = before === undefined ? 'different' : likeness(before, proposal);
  if (alike === 'same') return 'Repetition';
  if (alike === 'near') return 'Stall';
  if (isLast) return 'RoundsDone';
  return isShort ? 'BudgetShort' : undefined;
}
