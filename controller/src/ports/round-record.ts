import { gunzipSync, gzipSync } from 'node:zlib';
import { planProposalSchema, turnSchema } from '@dark-carnival/crds';
import { z } from 'zod';

/** Key of the round in ConfigMap `<objective>-round-<n>` (`roundConfigMapName`), under `binaryData`. */
export const ROUND_KEY = 'round.json.gz';

/** Largest round after unpacking: three turns of 256 KiB characters, and some room. What unpacks to more is refused, not read. */
const MAX_ROUND_BYTES = 4 * 1024 * 1024;

/** One finished round of a debate, whole, so that any wagon can go on from it. Lives until the Objective ends. */
export const roundRecordSchema = z.object({
  round: z.number().int().min(1).max(10),
  turns: z.array(turnSchema).max(3),
  /** What it came to, for comparing the next round's plan with it. */
  plan: planProposalSchema.optional(),
});
export type RoundRecord = z.output<typeof roundRecordSchema>;

/** Turns of an attempt that was given up, for the attempt that goes on from them; gone once the round is over. Holds a RoundRecord, too. */
export const resumeConfigMapName = (objectiveName: string, round: number, attempt: number): string =>
  `${objectiveName}-round-${round}-resume-${attempt}`;

/** The value for `binaryData[ROUND_KEY]`. The same round gives the same bytes. */
export function encodeRound(record: RoundRecord): string {
  return gzipSync(JSON.stringify(record), { level: 9 }).toString('base64');
}

/** Reads `binaryData[ROUND_KEY]`; undefined for whatever is no round. Never throws. */
export function decodeRound(encoded: string | undefined): RoundRecord | undefined {
  if (encoded === undefined) return undefined;
  try {
    const bytes = gunzipSync(Buffer.from(encoded, 'base64'), { maxOutputLength: MAX_ROUND_BYTES });
    return roundRecordSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
