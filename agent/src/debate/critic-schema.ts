import { DISSENT_LIMITS, SEVERITIES, VERDICTS } from '@dark-carnival/crds';
import type { JsonSchema } from '../providers/json-schema.ts';

/** More objections than this are not read by anybody. */
const MAX_OBJECTIONS = 6;
/** Tokens of the JSON around the texts, as for the plan: of the whole, and of one objection. */
const TOKENS = { frame: 24, objection: 34 } as const;
const CHARACTERS_PER_TOKEN = 2.5;
/** Tokens of text that an objection has at least; below the second, there is no room for evidence beside the claim. */
const LEAST_TEXT = 16;
const ROOMY_FROM = 60;

/**
 * The schema that the critic answers in: objections first, so that the verdict follows from them. An answer that is cut off before it says a
 * verdict is a Reject. Texts are bounded so that the answer ends within its tokens.
 */
export function criticSchemaFor({ maxTokens }: { maxTokens: number }): JsonSchema {
  const free = Math.max(0, maxTokens - TOKENS.frame);
  const count = Math.max(1, Math.min(MAX_OBJECTIONS, Math.floor(free / (TOKENS.objection + LEAST_TEXT))));
  const room = free / count - TOKENS.objection;
  const isRoomy = room >= ROOMY_FROM;
  const length = Math.round(
    Math.min(DISSENT_LIMITS.text, Math.max(24, (room * CHARACTERS_PER_TOKEN) / (isRoomy ? 2 : 1))),
  );
  const words = (description: string): JsonSchema => ({ type: 'string', description, minLength: 8, maxLength: length });
  const objection = strictObject({
    severity: { type: 'string', enum: [...SEVERITIES] },
    claim: words('what goes wrong, and what would mend it'),
    ...(isRoomy ? { evidence: words('the words or the gap in the draft that show it') } : {}),
  });
  return strictObject({
    objections: { type: 'array', items: objection, maxItems: count },
    verdict: { type: 'string', enum: [...VERDICTS] },
  });
}

const strictObject = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
