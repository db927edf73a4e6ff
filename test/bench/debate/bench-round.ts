import type { DebateAssignment } from '@dark-carnival/crds';
import { aRound } from '../../../agent/testing/assignments.ts';

/** Tokens that an answer of each seat may have: what a small model can keep to. */
const SEATS = { visionary: 80, critic: 120, tactician: 400 } as const;
const TURN_SECONDS = 120;

/** The round that a bench holds about one goal, at one provider. */
export function benchRound(
  given: Pick<DebateAssignment, 'directive' | 'mode' | 'maxTasks'>,
  provider: string,
): DebateAssignment {
  const seat = (maxTokens: number) => ({ providers: [provider], maxTokens });
  const seats = { visionary: seat(SEATS.visionary), critic: seat(SEATS.critic), tactician: seat(SEATS.tactician) };
  return aRound({ ...given, seats, turnTimeoutSeconds: TURN_SECONDS });
}
