import { type JoinTokenView, joinTokenViewSchema } from '@dark-carnival/crds';
import { z } from 'zod';
import type { AdmitOutcome, JoinAttempt } from '../ports/join-tokens.ts';
import { sameSecret } from '../runtime/secret-digest.ts';

/** A join token as it is kept: its secret only as a hash. 256 random bits need no slow one. */
export const joinTokenRecordSchema = z.object({
  hash: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  role: z.string().max(63).optional(),
  uses: z.number().int().min(1).max(100),
  createdAt: z.string(),
  expiresAt: z.string(),
  createdBy: z.string().max(253),
  /** Who took a use. */
  joins: z.array(z.object({ claim: z.string().max(71), wagon: z.string().max(63) })).max(100),
});
export type JoinTokenRecord = z.output<typeof joinTokenRecordSchema>;

export interface Presented extends JoinAttempt {
  /** Digest of the secret that was presented. */
  hash: string;
}

/**
 * Judges an attempt. Pure.
 * @returns what to answer, and the record as it is from now on where a use is taken.
 */
export function judgeAttempt(
  record: JoinTokenRecord | undefined,
  attempt: Presented,
  nowMs: number,
): { answer: AdmitOutcome; next?: JoinTokenRecord } {
  if (!record || !sameSecret(attempt.hash, record.hash)) return { answer: { outcome: 'unknown' } };
  if (nowMs >= Date.parse(record.expiresAt)) return { answer: { outcome: 'expired' } };
  const { role, joins, uses } = record;
  if (role !== undefined && attempt.role !== undefined && attempt.role !== role) {
    return { answer: { outcome: 'otherRole', role } };
  }
  if (joins.some((join) => isOf(join, attempt))) return { answer: { outcome: 'again', role } };
  if (joins.length >= uses) return { answer: { outcome: 'usedUp' } };
  const { claim, wagon } = attempt;
  return { answer: { outcome: 'admitted', role }, next: { ...record, joins: [...joins, { claim, wagon }] } };
}

/** The record without the use of an attempt; the same one where it has none. Pure. */
export function withoutUse(record: JoinTokenRecord, attempt: JoinAttempt): JoinTokenRecord {
  const joins = record.joins.filter((join) => !isOf(join, attempt));
  return joins.length === record.joins.length ? record : { ...record, joins };
}

const isOf = (join: { claim: string; wagon: string }, { claim, wagon }: JoinAttempt): boolean =>
  join.claim === claim && join.wagon === wagon;

export function viewOf(namespace: string, id: string, record: JoinTokenRecord): JoinTokenView {
  const { role, uses, createdAt, expiresAt, createdBy, joins } = record;
  return joinTokenViewSchema.parse({
    id,
    namespace,
    ...(role === undefined ? {} : { role }),
    uses,
    usesLeft: uses - joins.length,
    createdAt,
    expiresAt,
    createdBy,
    wagons: joins.map(({ wagon }) => wagon),
  });
}
