import { roundConfigMapName } from '@dark-carnival/crds';
import type { ConfigMap, KubeClient } from '@dark-carnival/kube';
import {
  decodeFeedback,
  FEEDBACK_KEY,
  type FeedbackRecord,
  feedbackConfigMapName,
} from '../../ports/feedback-record.ts';
import { decodeRound, ROUND_KEY, type RoundRecord, resumeConfigMapName } from '../../ports/round-record.ts';
import { readConfigMap } from './config-maps.ts';
import { endedByBudget } from './policies/budget.ts';
import { requestNumber } from './policies/gate.ts';
import { finishedRounds } from './policies/turns.ts';
import type { MissingTexts, NamedText, Texts, ValidObjective } from './snapshot.ts';

type Read = (name: string) => Promise<ConfigMap | undefined>;

/** Longest context of one key, in characters: what an assignment may carry. */
const MAX_CONTEXT = 1_048_576;

/** Reads the text that lies outside status. `rounds`: also what a debate needs, beside the context. */
export async function readTexts(
  client: KubeClient,
  objective: ValidObjective,
  { rounds }: { rounds: boolean },
): Promise<Texts | MissingTexts> {
  const read: Read = (name) => readConfigMap(client, objective.namespace, name);
  const context = await readContext(read, objective);
  if ('missing' in context) return context;
  if (!rounds) return { context: context.texts, feedback: [], history: [], resume: undefined };
  const [feedback, history, resume] = await Promise.all([
    readFeedback(read, objective),
    readHistory(read, objective),
    readResume(read, objective),
  ]);
  return { context: context.texts, feedback, history, resume };
}

async function readContext(read: Read, { spec }: ValidObjective): Promise<{ texts: NamedText[] } | MissingTexts> {
  const wanted = spec.context ?? [];
  const names = [...new Set(wanted.map(({ configMapName }) => configMapName))];
  const maps = new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
  const missing: string[] = [];
  const texts: NamedText[] = [];
  for (const { configMapName, key } of wanted) {
    const text = maps.get(configMapName)?.data?.[key];
    if (text === undefined) missing.push(`${configMapName}/${key}`);
    else texts.push({ name: `${configMapName}/${key}`, text: text.slice(0, MAX_CONTEXT) });
  }
  return missing.length > 0 ? { missing } : { texts };
}

async function readFeedback(read: Read, { name, uid, status }: ValidObjective): Promise<FeedbackRecord[]> {
  const given = (status.decisions ?? []).filter(({ decision }) => decision === 'Feedback');
  const records = await Promise.all(
    given.map(async ({ requestID }) => {
      const configMap = await read(feedbackConfigMapName(name, requestNumber(uid, requestID)));
      return decodeFeedback(configMap?.data?.[FEEDBACK_KEY]);
    }),
  );
  return records.filter((record) => record !== undefined);
}

/** The rounds of this debate that are over. One that somebody deleted is missed, not mourned: the debate goes on with what is known. */
async function readHistory(read: Read, { name, status }: ValidObjective): Promise<RoundRecord[]> {
  const { debate, phase } = status;
  // A debate that starts again knows nothing of the one that failed.
  if (phase === 'Failed' && !endedByBudget(status)) return [];
  const open = phase === 'AwaitingHuman' || phase === 'Expired' ? (debate?.round ?? 0) + 1 : (debate?.round ?? 0);
  const rounds = finishedRounds(debate?.turns, open);
  const records = await Promise.all(
    rounds.map(async (round) => decodeRound((await read(roundConfigMapName(name, round)))?.binaryData?.[ROUND_KEY])),
  );
  return records.filter((record) => record !== undefined);
}

/** Turns that earlier attempts at the open round finished, for the attempt that runs or comes next. */
async function readResume(read: Read, { name, status }: ValidObjective): Promise<Texts['resume']> {
  const { debate, phase } = status;
  if (!debate?.attempt || phase === 'AwaitingHuman' || phase === 'Expired') return undefined;
  const attempt = phase === 'Pending' || endedByBudget(status) ? debate.attempt + 1 : debate.attempt;
  if (attempt < 2) return undefined;
  const configMap = await read(resumeConfigMapName(name, debate.round, attempt));
  const record = decodeRound(configMap?.binaryData?.[ROUND_KEY]);
  return record ? { attempt, turns: record.turns } : undefined;
}
