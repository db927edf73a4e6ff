import type { ObjectiveStatus, TurnStatus } from '@dark-carnival/crds';
import { approximately, consumedWords, leftUSD, sumUSD } from '@dark-carnival/crds/text';

/** What each round of the debate used, and each seat in it; then what belongs to no turn and no task that stands. */
export function roundCosts({ debate }: ObjectiveStatus): string[] {
  const rounds = Map.groupBy(debate?.turns ?? [], ({ round }) => round);
  return [...rounds].map(([round, turns]) => {
    const seats = turns.map((turn) => `${turn.seat} ${shortWords(turn)}`);
    return `round ${round}: ${consumedWords(sumOf(turns))}${turns.length > 1 ? ` (${seats.join(', ')})` : ''}`;
  });
}

/** What attempts used that came to nothing, and turns that others replaced; undefined where all of it stands. */
export function otherCosts({ usage, debate, tasks }: ObjectiveStatus): string | undefined {
  if (!usage) return undefined;
  const parts = [...(debate?.turns ?? []), ...(tasks ?? [])];
  const tokens = usage.totalTokens - parts.reduce((sum, part) => sum + (part.tokens ?? 0), 0);
  const cost = usage.costUSD && leftUSD(usage.costUSD, [sumUSD(parts.map(({ costUSD }) => costUSD))]);
  if (tokens <= 0 && (cost === undefined || cost === '0')) return undefined;
  return `attempts that came to nothing: ${consumedWords({ tokens: Math.max(0, tokens), costUSD: cost })}`;
}

function sumOf(turns: readonly TurnStatus[]) {
  return {
    tokens: turns.reduce((sum, { tokens }) => sum + tokens, 0),
    estimatedTokens: turns.reduce((sum, { estimatedTokens = 0 }) => sum + estimatedTokens, 0),
    costUSD: sumUSD(turns.map(({ costUSD }) => costUSD)),
  };
}

/** Tokens, and money where it is known and not nothing. */
const shortWords = (turn: TurnStatus): string => {
  const { costUSD = '0' } = turn;
  return costUSD === '0' ? approximately(turn) : `${approximately(turn)} for ${costUSD} USD`;
};
