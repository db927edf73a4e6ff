import { DISSENT_LIMITS, OBJECTIVE_LIMITS } from '@dark-carnival/crds';
import type { JsonSchema } from '../providers/json-schema.ts';

/**
 * Slots that a schema has at most: each names all the ids before it, and OpenAI allows 1,000 enum values in one schema. 40 slots have 860.
 */
const MAX_SLOTS = 40;

/**
 * Paths of files as a model may write them: stricter than the contract's pattern, so that no dot segment can be spelled and an extension is
 * there. Where tokens are few, the short form: a path of 150 characters would eat the plan.
 */
const PATH = '^[a-z0-9][a-z0-9_-]{0,30}(/[a-z0-9][a-z0-9_-]{0,30}){0,3}(\\.[a-z0-9]{1,8}){1,2}$';
const SHORT_PATH = '^[a-z][a-z0-9-]{1,11}(/[a-z][a-z0-9-]{1,15})?\\.(md|txt|csv|json|html|mjs|js|ts|py|sh|yaml)$';

/**
 * Tokens of the JSON around the texts: of the whole, of a used slot with its path, of one left null, of an answer. Measured on a real model that indents
 * its JSON, rounded up.
 */
const TOKENS = { frame: 28, slot: 72, empty: 8, answer: 32 } as const;
/** Tokens of text that each task keeps before an objection is answered, and that a reason has at least and at most. */
const PLAIN_TEXT = 60;
const LEAST_REASON = 12;
const LONGEST_REASON = 80;
/** Characters of text that a token is counted for: on the safe side, since an answer that is cut off is worth nothing. */
const CHARACTERS_PER_TOKEN = 2.5;
/** More tasks than this are rare: the room for texts is shared among so many. */
const USUAL_TASKS = 8;
/** Longer bounds help nobody, and grammars with large repetitions are refused. */
const LONGEST_BOUND = 1000;
/**
 * Below this many tokens of text for each task there is no room to propose an acceptance check (the floor, non-empty, holds), and paths
 * are kept short.
 */
const ROOMY_FROM = 160;

export interface PlanSchemaOptions {
  /** Tasks that the plan may have. */
  maxTasks: number;
  /** Tokens that the answer may have: texts are bounded so that a whole plan fits. */
  maxTokens: number;
  /** Ids of the objections that ask for an answer, the gravest first. Where tokens are few, the last of them get no room for one. */
  objections?: readonly string[];
}

/**
 * The schema that the tactician answers in: one slot per id, `tasks.t1` to `tasks.tN`, the first required and the rest nullable. So ids are
 * unique, the number of tasks is bounded and a task can depend only on earlier ones, by construction: a grammar enforces it, where there
 * is one. It holds to what OpenAI strict, Kimi's subset (MFJS), Gemini and llama.cpp's grammar have in common.
 */
export function planSchemaFor(options: PlanSchemaOptions): JsonSchema {
  const slots = slotsFor(options);
  const answers = answerRoom(options, slots);
  const bounds = boundsFor(options.maxTokens - answers.tokens, slots);
  const ids = Array.from({ length: slots }, (_, index) => `t${index + 1}`);
  const tasks = ids.map((id, index): [string, JsonSchema] => {
    const slot = slotSchema(ids.slice(0, index), bounds);
    return [id, index === 0 ? slot : { anyOf: [slot, { type: 'null' }] }];
  });
  return strictObject({
    // Answered first: what is accepted must then be seen in the tasks.
    ...(answers.ids.length > 0 ? { answers: answersSchema(answers) } : {}),
    summary: bounded('what the plan achieves, in one sentence', bounds.summary),
    tasks: strictObject(Object.fromEntries(tasks)),
  });
}

/** One slot per objection: no id can be left out or made up. */
function answersSchema({ ids, reason }: AnswerRoom): JsonSchema {
  const answer = strictObject({
    response: { type: 'string', enum: ['Accepted', 'Rejected'] },
    reason: bounded('Accepted: what the tasks do about it. Rejected: why not', reason),
  });
  return strictObject(Object.fromEntries(ids.map((id) => [id, answer])));
}

/** Members stand in the order in which they are best thought of: a model writes them in this order. */
function slotSchema(earlier: string[], bounds: Bounds): JsonSchema {
  return strictObject({
    title: bounded('what is done, in a few words', bounds.title),
    kind: { type: 'string', enum: ['File', 'Analysis'] },
    instruction: bounded('everything that whoever does the task must know', bounds.instruction),
    ...(bounds.isRoomy
      ? { mustContain: { anyOf: [{ type: 'null' }, bounded('a few words that the result must contain', 80)] } }
      : {}),
    path: {
      type: 'string',
      pattern: bounds.isRoomy ? PATH : SHORT_PATH,
      description: 'relative path with an extension, such as docs/brief.md',
    },
    ...(earlier.length > 0
      ? {
          dependsOn: { type: 'array', items: { type: 'string', enum: earlier }, maxItems: Math.min(earlier.length, 8) },
        }
      : {}),
  });
}

const strictObject = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/** A text of a few words at least: a grammar without a lower bound lets a small model get away with a letter. */
const bounded = (description: string, max: number): JsonSchema => ({
  type: 'string',
  description,
  minLength: Math.min(8, max),
  ...(max <= LONGEST_BOUND ? { maxLength: max } : {}),
});

/** As many slots as allowed, and as can be answered within the tokens. */
function slotsFor({ maxTasks, maxTokens }: PlanSchemaOptions): number {
  const fitting = Math.floor((maxTokens - TOKENS.frame) / (TOKENS.slot + 12));
  return Math.max(1, Math.min(maxTasks, MAX_SLOTS, fitting));
}

interface AnswerRoom {
  ids: readonly string[];
  /** Code points of a reason. */
  reason: number;
  /** Tokens that all answers take at most. */
  tokens: number;
}

/** Room for answers, after the plan has what it needs: at most a third of the tokens, and none where the tasks would be short of words. */
function answerRoom({ maxTokens, objections = [] }: PlanSchemaOptions, slots: number): AnswerRoom {
  const used = Math.min(slots, USUAL_TASKS);
  const needed = TOKENS.frame + used * (TOKENS.slot + PLAIN_TEXT) + (slots - used) * TOKENS.empty;
  const free = Math.max(0, Math.min(maxTokens - needed, Math.floor(maxTokens / 3)));
  const count = Math.min(objections.length, Math.floor(free / (TOKENS.answer + LEAST_REASON)));
  if (count === 0) return { ids: [], reason: 0, tokens: 0 };
  const words = Math.min(LONGEST_REASON, Math.floor(free / count) - TOKENS.answer);
  const reason = Math.min(DISSENT_LIMITS.text, Math.round(words * CHARACTERS_PER_TOKEN));
  return { ids: objections.slice(0, count), reason, tokens: count * (TOKENS.answer + words) };
}

interface Bounds {
  summary: number;
  title: number;
  instruction: number;
  /** Whether there is room for more than the least of a task. */
  isRoomy: boolean;
}

/** Code points for each text so that a plan with every usual slot used still ends before the limit. */
function boundsFor(maxTokens: number, slots: number): Bounds {
  const used = Math.min(slots, USUAL_TASKS);
  const free = maxTokens - TOKENS.frame - used * TOKENS.slot - (slots - used) * TOKENS.empty;
  const characters = Math.max(0, free) * CHARACTERS_PER_TOKEN;
  const perTask = (characters * 0.85) / used;
  const between = (low: number, value: number, high: number) => Math.round(Math.min(high, Math.max(low, value)));
  return {
    summary: between(24, characters * 0.15, OBJECTIVE_LIMITS.excerpt),
    title: between(16, perTask * 0.3, OBJECTIVE_LIMITS.taskTitle),
    instruction: between(32, perTask * 0.7, 4096),
    isRoomy: free / used >= ROOMY_FROM,
  };
}
