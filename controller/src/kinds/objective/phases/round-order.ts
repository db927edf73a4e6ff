import type { Assignment } from '@dark-carnival/crds';
import type { Draft } from '../draft.ts';
import { type RoundParts, roundAssignment } from '../policies/assignments.ts';
import { roundGrant } from '../policies/budget.ts';
import type { Snapshot } from '../snapshot.ts';

/** What a round has that snapshot and status do not say. */
type OpenRound = Pick<RoundParts, 'round' | 'attempt' | 'chains' | 'texts' | 'wagon' | 'afresh'>;

/** The assignment of a round: whether it is given for the first time or again, the same facts make the same one. */
export function roundOrder(
  { objective, providers, leaderEpoch }: Snapshot,
  { status }: Pick<Draft, 'status'>,
  round: OpenRound,
): Assignment {
  const grant = roundGrant(objective.spec.budget, status);
  return roundAssignment({ objective, providers, leaderEpoch, grant, ...round });
}
