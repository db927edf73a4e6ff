import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NIL_TRACE = '0'.repeat(32);
const NIL_SPAN = '0'.repeat(16);

const hash = (text: string, digits: number): string => createHash('sha256').update(text).digest('hex').slice(0, digits);

/** The trace of an Objective: its uid without dashes, for a uid that is no UUID (128 bits) a hash of it. The same in every process and over restarts. */
export function traceIdOf(uid: string): string {
  const digits = UUID.test(uid) ? uid.replaceAll('-', '') : hash(uid, 32);
  return digits === NIL_TRACE ? hash(uid, 32) : digits;
}

/** A span's id from what it is about, so that nobody has to be told: 8 bytes of a hash, never all zero. */
export function spanIdOf(...parts: readonly string[]): string {
  const id = hash(parts.join('\n'), 16);
  return id === NIL_SPAN ? `${NIL_SPAN.slice(1)}1` : id;
}

/** The Objective as a whole, from creation to its first end. */
export const rootSpanId = (uid: string): string => spanIdOf(uid, 'objective');

/** One attempt at a round or a task as the controller sees it: what the wagon's span of the job is below. */
export const attemptSpanId = (jobID: string): string => spanIdOf(jobID, 'attempt');

/** The same attempt as the wagon sees it. */
export const jobSpanId = (jobID: string): string => spanIdOf(jobID, 'job');

/** W3C Trace Context, level 1. */
export function traceparent(traceId: string, spanId: string, sampled: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
