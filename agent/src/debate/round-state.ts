import { type DebateAssignment, SEATS, type Seat, type Turn } from '@dark-carnival/crds';

/** Who speaks in a round, in order. */
const ORDER: Record<DebateAssignment['mode'], readonly Seat[]> = { Debate: SEATS, Single: ['tactician'] };

/**
 * The turns of this round that an earlier attempt finished. A tactician that failed is not among them: to ask it again is what the new
 * attempt is for.
 */
export function resumedTurns({ round, mode, resume }: DebateAssignment): Turn[] {
  return ORDER[mode].flatMap((seat) => {
    const turn = resume.find((known) => known.round === round && known.seat === seat);
    return turn && !(seat === 'tactician' && turn.outcome === 'Failed') ? [turn] : [];
  });
}

/** Whose turn it is; nobody's when all have spoken. */
export function nextSeat({ mode }: DebateAssignment, turns: readonly Turn[]): Seat | undefined {
  return ORDER[mode].find((seat) => !turns.some((turn) => turn.seat === seat));
}
