import { type Objective, roundConfigMapName, type Transcript, type Turn, turnSchema } from '@dark-carnival/crds';
import { z } from 'zod';
import { decodeFeedback, FEEDBACK_KEY, feedbackConfigMapName } from '../../ports/feedback-record.ts';
import { decodeRound, ROUND_KEY } from '../../ports/round-record.ts';
import { sha256 } from '../../runtime/digests.ts';
import { readConfigMap } from '../config-maps.ts';
import type { UserClient } from '../hub-deps.ts';
import { completionPath, transcriptFile } from '../vault-path.ts';
import type { WagonAccess } from '../wagon-access.ts';

/** A transcript, and which rounds of it could not be had. */
export interface PartialTranscript extends Transcript {
  missing: { round: number; message: string }[];
}

/** `.debate/round-N.json` in a wagon's vault. */
const roundFileSchema = z.object({ turns: z.array(turnSchema).max(3) });

interface Sources {
  objective: Objective;
  client: UserClient;
  access: WagonAccess;
}

type Round = { turns: Turn[] } | { message: string };

/**
 * Every turn in full, oldest first. A running debate lies in ConfigMaps, a finished one only in the vaults of the wagons that held it. A wagon's words
 * count only where they have the digest that the status recorded.
 */
export async function readTranscript(sources: Sources): Promise<PartialTranscript> {
  const { metadata, spec, status } = sources.objective;
  const rounds = Array.from({ length: status?.debate?.round ?? 0 }, (_, index) => index + 1);
  const found = await Promise.all(rounds.map((round) => readRound(sources, round)));
  const missing = found.flatMap((round, index) =>
    'message' in round ? [{ round: index + 1, message: round.message }] : [],
  );
  return {
    objective: metadata.name,
    namespace: metadata.namespace ?? '',
    directive: spec?.directive ?? '',
    turns: found.flatMap((round) => ('turns' in round ? round.turns : [])),
    feedback: await readFeedback(sources),
    missing,
  };
}

async function readRound(sources: Sources, round: number): Promise<Round> {
  const expected = expectedDigests(sources.objective, round);
  const stored = await roundFromConfigMap(sources, round);
  if (stored && isWhole(stored, expected)) return { turns: stored };
  const { turns, message } = await roundFromVaults(sources, round, expected);
  if (turns) return { turns };
  // A round that has only begun is in no place yet, and nothing is missing.
  return expected.size === 0 ? { turns: [] } : { message };
}

/** sha256 by seat of the turns that the status knows. */
function expectedDigests({ status }: Objective, round: number): ReadonlyMap<string, string> {
  const turns = (status?.debate?.turns ?? []).filter((turn) => turn.round === round);
  return new Map(turns.flatMap((turn) => (turn.sha256 === undefined ? [] : [[turn.seat, turn.sha256] as const])));
}

/** Every turn is what it says it is, and none that the status knows is missing or another. */
function isWhole(turns: readonly Turn[], expected: ReadonlyMap<string, string>): boolean {
  const honest = turns.every((turn) => turn.sha256 === sha256(turn.text));
  return (
    honest &&
    [...expected].every(([seat, digest]) => turns.some((turn) => turn.seat === seat && turn.sha256 === digest))
  );
}

async function roundFromConfigMap({ objective, client }: Sources, round: number): Promise<Turn[] | undefined> {
  const { name, namespace = '' } = objective.metadata;
  const stored = await readConfigMap(client, namespace, roundConfigMapName(name, round));
  return decodeRound(stored?.binaryData?.[ROUND_KEY])?.turns.filter((turn) => turn.round === round);
}

async function roundFromVaults(
  { objective, access }: Sources,
  round: number,
  expected: ReadonlyMap<string, string>,
): Promise<{ turns?: Turn[]; message: string }> {
  const { name, namespace = '' } = objective.metadata;
  const host = objective.status?.wagonName;
  const wagons = access
    .list(namespace)
    .sort((a, b) => Number(b.metadata.name === host) - Number(a.metadata.name === host));
  let message = 'no wagon has it';
  for (const wagon of wagons) {
    const answer = await access.json(wagon, completionPath(transcriptFile(name, round)), roundFileSchema);
    if (answer.outcome === 'answered' && isWhole(answer.value.turns, expected))
      return { turns: answer.value.turns, message };
    // Without a digest to hold it against, only the host's word is taken.
    if (answer.outcome === 'unreachable') message = `wagon ${wagon.metadata.name} does not answer: ${answer.message}`;
    if (expected.size === 0) break;
  }
  return { message };
}

/** Words of people, by the requests that they answered. Each lies in a ConfigMap of its own for as long as the Objective lives. */
async function readFeedback({ objective, client }: Sources): Promise<Transcript['feedback']> {
  const { name, namespace = '' } = objective.metadata;
  const answered = (objective.status?.decisions ?? []).filter(({ decision }) => decision === 'Feedback');
  const records = await Promise.all(
    answered.map(async ({ requestID }) => {
      const number = Number(requestID.slice(requestID.lastIndexOf('-') + 1));
      const stored = await readConfigMap(client, namespace, feedbackConfigMapName(name, number));
      return decodeFeedback(stored?.data?.[FEEDBACK_KEY]);
    }),
  );
  return records.flatMap((record) =>
    record ? [{ afterRound: record.afterRound, by: record.by, text: record.text }] : [],
  );
}
