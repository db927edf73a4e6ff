import { createHash } from 'node:crypto';
import { OBJECTIVE_LIMITS, type Seat, type Turn } from '@dark-carnival/crds';
import type { Completion, Spend } from '../providers/provider.ts';

/** Code points that a turn holds. */
const MAX_TURN = 262_144;

interface TurnFacts {
  round: number;
  seat: Seat;
  /** By all calls that the turn took. */
  tokens: Spend;
}

/** A turn that was answered. */
export function answeredTurn(facts: TurnFacts, answer: Completion): Turn {
  return turnOf(facts, 'Answered', answer.text, answer);
}

/** A turn that was not: its text says why, and holds what was answered where that could not be used. */
export function failedTurn(facts: TurnFacts, why: string, unusable?: Completion): Turn {
  const text = unusable && unusable.text !== '' ? `${why}\n\n--- what was answered:\n${unusable.text}` : why;
  return turnOf(facts, 'Failed', text, unusable);
}

function turnOf(
  { round, seat, tokens }: TurnFacts,
  outcome: Turn['outcome'],
  words: string,
  by: Pick<Completion, 'provider' | 'model' | 'passedOver'> | undefined,
): Turn {
  const points = words.length > MAX_TURN ? [...words].slice(0, MAX_TURN).join('') : words;
  return {
    round,
    seat,
    outcome,
    ...(by ? { provider: by.provider.slice(0, 63), model: by.model.slice(0, 128) } : {}),
    ...(by?.passedOver ? { passedOver: by.passedOver.slice(0, OBJECTIVE_LIMITS.passedOver) } : {}),
    text: points,
    sha256: `sha256:${createHash('sha256').update(points).digest('hex')}`,
    inputTokens: tokens.inputTokens,
    outputTokens: tokens.outputTokens,
    ...(tokens.estimatedTokens === undefined ? {} : { estimatedTokens: tokens.estimatedTokens }),
    ...(tokens.costUSD === undefined ? {} : { costUSD: tokens.costUSD }),
  };
}
