import {
  canonicalJson,
  codePoints,
  MAX_PLAN_BYTES,
  OBJECTIVE_LIMITS,
  type PlanProposal,
  type Turn,
  type TurnStatus,
} from '@dark-carnival/crds';
import { type RoundRecord, resumeConfigMapName } from '../../../ports/round-record.ts';
import { sha256 } from '../../../runtime/digests.ts';
import { plainText } from './plain-text.ts';
import { whoAnswered } from './who-answered.ts';

/** A turn as status shows it: who, how much, and the beginning. A turn that failed has no hash. */
export function turnStatus(turn: Turn): TurnStatus {
  const tokens = Math.min(turn.inputTokens + turn.outputTokens, Number.MAX_SAFE_INTEGER);
  const estimatedTokens = Math.min(turn.estimatedTokens ?? 0, tokens);
  return {
    round: turn.round,
    seat: turn.seat,
    ...whoAnswered(turn),
    tokens,
    ...(estimatedTokens > 0 ? { estimatedTokens } : {}),
    ...(turn.costUSD === undefined ? {} : { costUSD: turn.costUSD }),
    ...(turn.outcome === 'Answered' ? { sha256: turn.sha256 } : {}),
    excerpt: plainText(turn.text, OBJECTIVE_LIMITS.excerpt),
  };
}

/** Status turns with those of one round replaced by what its job says now. Rounds that are over stay. */
export function mergeTurns(
  known: readonly TurnStatus[] | undefined,
  round: number,
  turns: readonly Turn[],
): TurnStatus[] {
  const others = (known ?? []).filter((turn) => turn.round !== round);
  return [...others, ...turns.map(turnStatus)].slice(-OBJECTIVE_LIMITS.maxTurns);
}

/** Rounds of this debate that are finished: those that status has turns of, but the open one. */
export function finishedRounds(turns: readonly TurnStatus[] | undefined, openRound: number): number[] {
  return [...new Set((turns ?? []).map(({ round }) => round))]
    .filter((round) => round < openRound)
    .sort((a, b) => a - b);
}

/** Most characters of one turn that later rounds are told, so that a round fits into a ConfigMap and a history into an assignment. */
const HISTORY_TEXT = 48_000;

/** A finished round as it is kept for later ones. The full text of a longer turn lies in the vault; a plan too large to be asked about is left out. */
export function roundRecord(round: number, turns: readonly Turn[], plan: PlanProposal): RoundRecord {
  const fits = Buffer.byteLength(canonicalJson(plan)) <= MAX_PLAN_BYTES;
  return { round, turns: turns.map(shortened), ...(fits ? { plan } : {}) };
}

function shortened(turn: Turn): Turn {
  if (turn.text.length <= HISTORY_TEXT && codePoints(turn.text) <= HISTORY_TEXT) return turn;
  const text = `${Array.from(turn.text).slice(0, HISTORY_TEXT).join('')}\n[cut here: the rest lies in the vault]`;
  return { ...turn, text, sha256: sha256(text) };
}

/** ConfigMaps from which the attempts at one round went on. */
export const resumeNames = (objectiveName: string, round: number, attempt: number): string[] =>
  Array.from({ length: Math.max(0, attempt - 1) }, (_, index) => resumeConfigMapName(objectiveName, round, index + 2));
