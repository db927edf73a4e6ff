import { z } from 'zod';

/** Key of the words in ConfigMap `<objective>-feedback-<n>`, under `data`. */
export const FEEDBACK_KEY = 'feedback.json';

/**
 * One feedback, in an immutable ConfigMap of its own that lives as long as the Objective: `spec.intervention` holds only the newest and can be
 * removed once it was taken, yet every later round must answer all of them. `<n>` is the number of the request that it answered.
 */
export const feedbackRecordSchema = z.object({
  requestID: z.string().min(1).max(64),
  /** The round whose plan it is about. */
  afterRound: z.number().int().min(1).max(10),
  by: z.string().min(1).max(253),
  text: z.string().min(1).max(65_536),
});
export type FeedbackRecord = z.output<typeof feedbackRecordSchema>;

export const feedbackConfigMapName = (objectiveName: string, requestNumber: number): string =>
  `${objectiveName}-feedback-${requestNumber}`;

/** Reads `data[FEEDBACK_KEY]`; undefined for whatever is no feedback. Never throws. */
export function decodeFeedback(encoded: string | undefined): FeedbackRecord | undefined {
  if (encoded === undefined) return undefined;
  try {
    return feedbackRecordSchema.safeParse(JSON.parse(encoded)).data;
  } catch {
    return undefined;
  }
}
