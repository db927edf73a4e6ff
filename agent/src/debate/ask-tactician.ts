import type { DebateAssignment, ObjectionAnswer, PlanProposal, Turn } from '@dark-carnival/crds';
import { addSpend } from '../providers/cost.ts';
import type { Completion, CompletionRequest, Message, Spend } from '../providers/provider.ts';
import { clip } from './fence.ts';
import { judgePlan } from './judge-plan.ts';
import { readAnswers } from './read-answers.ts';
import type { RoundFailure } from './round.ts';
import { answeredTurn, failedTurn } from './turn.ts';
import { objectionsOf, planSchemaOf, turnRequest } from './turn-request.ts';

/** One asking and two more with what was wrong. */
const MAX_ASKINGS = 3;
const SHOWN_ANSWER = 6000;
/** A model that was cut off spends more on white space or words than was reckoned: it is given a form that needs less. */
const SHRINK = 0.7;

export type TacticianOutcome = { turn: Turn } & (
  | { plan: PlanProposal; repairs: string[]; answers: Map<string, ObjectionAnswer> }
  | { failure: RoundFailure }
);

/** Asks for a plan until it is valid, or it makes no sense to go on. `ask` is given the number of the asking, from 1. */
export async function askTactician(
  assignment: DebateAssignment,
  turns: readonly Turn[],
  ask: (asking: number, request: CompletionRequest) => Promise<Completion>,
): Promise<TacticianOutcome> {
  const first = turnRequest('tactician', assignment, turns);
  const objections = objectionsOf(turns).map(({ id }) => id);
  const limits = { maxTasks: assignment.maxTasks, maxTokens: first.maxTokens, objections };
  let request = first;
  let spent: Spend = { inputTokens: 0, outputTokens: 0, calls: 0 };
  let before: string | undefined;
  let cutOffs = 0;
  for (let asking = 1; ; asking += 1) {
    const answer = await ask(asking, request);
    spent = addSpend(spent, answer.spent);
    const facts = { round: assignment.round, seat: 'tactician' as const, tokens: spent };
    const verdict = judgePlan(answer, limits);
    if ('plan' in verdict) return { ...verdict, answers: readAnswers(answer.json), turn: answeredTurn(facts, answer) };
    const isOver = 'refused' in verdict || asking >= MAX_ASKINGS || answer.text === before;
    if (isOver) {
      const failure = failureFor(verdict, asking, answer.text === before);
      return { failure, turn: failedTurn(facts, failure.message, answer) };
    }
    before = answer.text;
    cutOffs += verdict.isCutOff ? 1 : 0;
    const schema = planSchemaOf({ ...limits, maxTokens: Math.floor(limits.maxTokens * SHRINK ** cutOffs) });
    request = { ...first, schema, messages: [...first.messages, ...correction(answer, verdict.errors)] };
  }
}

function failureFor(
  verdict: { refused: string } | { errors: string[] },
  askings: number,
  isRepeated: boolean,
): RoundFailure {
  if ('refused' in verdict) return { reason: 'AnswerUnusable', message: `no plan: ${verdict.refused}` };
  const asked = isRepeated ? 'the same answer came again' : `it was asked for ${askings} times`;
  return {
    reason: 'PlanInvalid',
    message: clip(`the plan is not valid, and ${asked}: ${verdict.errors.join('; ')}`, 900),
  };
}

/** The answer that was refused, and why: the last one only, so the prompt does not grow with each asking. */
function correction({ text }: Completion, errors: readonly string[]): Message[] {
  const why = [
    'That plan is refused:',
    ...errors.map((error) => `- ${error}`),
    'Make the whole plan again, with these mended, in the same form.',
  ].join('\n');
  return text.trim() === ''
    ? [{ role: 'user', content: why }]
    : [
        { role: 'assistant', content: clip(text, SHOWN_ANSWER) },
        { role: 'user', content: why },
      ];
}
