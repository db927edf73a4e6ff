import {
  type DebateAssignment,
  type Dissent,
  type ObjectionAnswer,
  settleDissent,
  type Turn,
  type Verdict,
} from '@dark-carnival/crds';
import { critiqueFromTurn } from './critique.ts';

/**
 * What the critic holds against a round once it is over, and how the tactician answered. A critic that failed is a Blocker that nobody
 * answers: that nobody objected must not look like approval.
 */
export function roundDissent(
  { mode }: DebateAssignment,
  turns: readonly Turn[],
  answers: ReadonlyMap<string, ObjectionAnswer>,
): { dissent: Dissent[]; verdict?: Verdict } {
  const critic = mode === 'Single' ? undefined : turns.find((turn) => turn.seat === 'critic');
  if (!critic) return { dissent: [] };
  if (critic.outcome === 'Failed') {
    const claim = `no critic was heard: ${critic.text}`;
    return { dissent: settleDissent([{ id: 'o1', severity: 'Blocker', claim }], new Map()), verdict: 'Reject' };
  }
  const { verdict, objections } = critiqueFromTurn(critic.text);
  return { dissent: settleDissent(objections, answers), verdict };
}
