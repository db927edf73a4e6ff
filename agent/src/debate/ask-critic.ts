import type { DebateAssignment, Turn } from '@dark-carnival/crds';
import { addSpend } from '../providers/cost.ts';
import { findJson } from '../providers/extract-json.ts';
import type { Completion, CompletionRequest, Message, Spend } from '../providers/provider.ts';
import { ProviderError } from '../providers/provider-error.ts';
import { critiqueFromJson, critiqueFromProse, critiqueFromText, critiqueText } from './critique.ts';
import { clip } from './fence.ts';
import { answeredTurn, failedTurn } from './turn.ts';
import { turnRequest } from './turn-request.ts';

const SHOWN_ANSWER = 3000;
const WITHHELD = {
  refusal: 'the model refused to answer',
  filter: "the provider's filter withheld the answer",
} as const;

/**
 * Asks for a critique, and once more where none can be read. What keeps to no form at all is taken as prose in the end: many small models
 * write nothing else. A critic from whom nothing can be read has failed. `ask` is given the number of the asking, from 1.
 */
export async function askCritic(
  assignment: DebateAssignment,
  turns: readonly Turn[],
  ask: (asking: number, request: CompletionRequest) => Promise<Completion>,
): Promise<Turn> {
  const request = turnRequest('critic', assignment, turns);
  const facts = { round: assignment.round, seat: 'critic' as const };
  const first = await ask(1, request);
  const heard = await turnOf(first);
  if (heard) return answeredTurn({ ...facts, tokens: first.spent }, heard);
  if (isWithheld(first)) return failedTurn({ ...facts, tokens: first.spent }, WITHHELD[first.finishReason], first);
  const second = await askAgain(first, () =>
    ask(2, { ...request, messages: [...request.messages, ...correction(first)] }),
  );
  const tokens = addSpend(first.spent, second.spent);
  const again = second.answer && ((await turnOf(second.answer)) ?? asProse(second.answer));
  const words = again ?? asProse(first);
  if (words) return answeredTurn({ ...facts, tokens }, words);
  return failedTurn(
    { ...facts, tokens },
    'no verdict and no objection can be read in the critique',
    second.answer ?? first,
  );
}

/** A second asking that fails does not cost what the first one said. */
async function askAgain(
  first: Completion,
  ask: () => Promise<Completion>,
): Promise<{ answer?: Completion; spent: Spend }> {
  try {
    const answer = await ask();
    return { answer, spent: answer.spent };
  } catch (error) {
    if (!ProviderError.isInstance(error)) throw error;
    if (asProse(first)) return { spent: error.spent };
    throw error.withSpent(addSpend(first.spent, error.spent));
  }
}

/** The answer as it becomes a turn: JSON in the form that people read, everything else as it was written. */
async function turnOf(answer: Completion): Promise<Completion | undefined> {
  if (isWithheld(answer)) return undefined;
  const asText = critiqueFromText(answer.text);
  const json = answer.json ?? (await findJson(answer.text))?.value;
  const critique = critiqueFromJson(json) ?? asText;
  if (!critique) return undefined;
  const same = asText !== undefined && critiqueText(asText) === critiqueText(critique);
  return same ? answer : { ...answer, text: critiqueText(critique) };
}

/** JSON that says nothing is no prose either. */
const asProse = (answer: Completion): Completion | undefined =>
  !isWithheld(answer) && answer.json === undefined && critiqueFromProse(answer.text) ? answer : undefined;

function isWithheld(answer: Completion): answer is Completion & { finishReason: keyof typeof WITHHELD } {
  return answer.finishReason === 'refusal' || answer.finishReason === 'filter';
}

function correction({ text, finishReason }: Completion): Message[] {
  const why =
    finishReason === 'length'
      ? 'That was cut off before it named an objection. Give the verdict and the gravest objection again, much shorter, in the form asked for.'
      : 'That names neither an objection nor an acceptance that could be read. Give the verdict and the objections again, in the form asked for.';
  const asked: Message = { role: 'user', content: why };
  return text.trim() === '' ? [asked] : [{ role: 'assistant', content: clip(text, SHOWN_ANSWER) }, asked];
}
