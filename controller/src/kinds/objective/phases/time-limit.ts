import { type Draft, requeueIn } from '../draft.ts';
import { timeLeftMs } from '../policies/budget.ts';
import type { Snapshot } from '../snapshot.ts';

/** Looks again when the time that the budget allows is over. */
export function requeueAtEnd({ objective, nowMs }: Snapshot, draft: Draft): void {
  const left = timeLeftMs(objective.spec.budget, draft.status, nowMs);
  if (left !== undefined && left > 0) requeueIn(draft, left);
}
