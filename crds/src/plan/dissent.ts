import { z } from 'zod';
import { list, oneOf, text } from '../schema/fields.ts';
import { clip } from '../text/clip.ts';
import { safeLine } from '../text/untrusted-text.ts';

/** How grave an objection is, the gravest first. A Blocker means: not like this. */
export const SEVERITIES = ['Blocker', 'Major', 'Minor'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What became of an objection. Unanswered is what is left where nobody answered: no model says it. */
export const RESPONSES = ['Accepted', 'Rejected', 'Unanswered'] as const;
export type Response = (typeof RESPONSES)[number];

export const VERDICTS = ['Accept', 'Reject'] as const;
/** What the critic says of the draft as a whole. Where it says nothing, that is a Reject. */
export type Verdict = (typeof VERDICTS)[number];

/** Bounds of a round's dissent: objections, and code points of each text. */
export const DISSENT_LIMITS = { objections: 8, text: 256 } as const;

const words = (description: string) => text(description, { min: 1, max: DISSENT_LIMITS.text });

/** One thing that the critic holds against the draft. */
export const objectionSchema = z.object({
  id: text('id of the objection: o1, o2, …, the gravest first.', { min: 2, max: 2, pattern: /^o[1-8]$/ }),
  severity: oneOf('severity of the objection.', SEVERITIES),
  claim: words('claim: what goes wrong.'),
  evidence: words('evidence: where that is seen.').optional(),
});
export type Objection = z.output<typeof objectionSchema>;

/** An objection, and how the tactician answered it. */
export const dissentSchema = objectionSchema.extend({
  response: oneOf('response of the tactician.', RESPONSES),
  reason: words('reason of the response; a Rejected always has one.').optional(),
});
export type Dissent = z.output<typeof dissentSchema>;

export const dissentListSchema = list(
  'dissent: the objections of the critic, and how each was answered.',
  dissentSchema,
  {
    max: DISSENT_LIMITS.objections,
  },
);

/** What a model answers to one objection. */
export interface ObjectionAnswer {
  response: Exclude<Response, 'Unanswered'>;
  reason?: string | undefined;
}

/**
 * Joins objections with the answers to them, in texts of one safe line each. A missing answer is Unanswered, and so is a Rejected without a
 * reason: to wave an objection away is no answer.
 */
export function settleDissent(
  objections: readonly Objection[],
  answers: ReadonlyMap<string, ObjectionAnswer>,
): Dissent[] {
  return objections.slice(0, DISSENT_LIMITS.objections).map(({ id, severity, claim, evidence }) => {
    const answer = answers.get(id);
    const reason = safeLine(answer?.reason ?? '', DISSENT_LIMITS.text);
    const response = answer === undefined || (answer.response === 'Rejected' && reason === '') ? undefined : answer;
    const seen = safeLine(evidence ?? '', DISSENT_LIMITS.text);
    return {
      id,
      severity,
      claim: safeLine(claim, DISSENT_LIMITS.text) || '(nothing that can be shown)',
      ...(seen === '' ? {} : { evidence: seen }),
      response: response?.response ?? 'Unanswered',
      ...(response === undefined || reason === '' ? {} : { reason }),
    };
  });
}

/** One objection on one line of at most 256 code points, so that its answer is seen however long it is. */
export function dissentLine({ severity, claim, response, reason }: Dissent): string {
  const head = `[${severity}, ${response}] `;
  const because = reason === undefined ? '' : ` (${clip(reason, 90)})`;
  return `${head}${clip(claim, DISSENT_LIMITS.text - head.length - [...because].length)}${because}`;
}
