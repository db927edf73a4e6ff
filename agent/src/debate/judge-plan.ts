import { checkPlan, type PlanProposal } from '@dark-carnival/crds';
import type { Completion } from '../providers/provider.ts';
import { readPlan } from './read-plan.ts';

/** What became of a tactician's answer. */
export type PlanVerdict =
  | { plan: PlanProposal; repairs: string[] }
  /** Worth asking again, with what was wrong. */
  | { errors: string[]; isCutOff: boolean }
  /** Not worth it: the model does not want to. */
  | { refused: string };

const CUT_OFF = (maxTokens: number): string =>
  `the answer was cut off at ${maxTokens} tokens: plan fewer tasks with shorter instructions`;

/** Judges an answer. One that was cut off is never accepted, however well its beginning reads. */
export function judgePlan(
  { finishReason, json }: Pick<Completion, 'finishReason' | 'json'>,
  { maxTasks, maxTokens }: { maxTasks: number; maxTokens: number },
): PlanVerdict {
  if (finishReason === 'refusal') return { refused: 'the model refused to answer' };
  if (finishReason === 'filter') return { refused: "the provider's filter withheld the answer" };
  if (finishReason === 'length') return { errors: [CUT_OFF(maxTokens)], isCutOff: true };
  if (json === undefined) return { errors: ['the answer holds no JSON object'], isCutOff: false };
  const { candidate, repairs } = readPlan(json);
  const check = checkPlan(candidate, { maxTasks });
  if (check.ok) return { plan: check.plan, repairs };
  const errors = check.issues.slice(0, 10).map(({ path, message }) => `${path}: ${message}`.slice(0, 300));
  return { errors, isCutOff: false };
}
