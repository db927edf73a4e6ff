import { type JobStatus, MAX_TAKERS, type Seat } from '@dark-carnival/crds';
import type { JobOutput, JobRecord } from '../journal/job-record.ts';
import { fromMicroUSD } from '../journal/money.ts';
import type { JobUsage } from '../journal/step-store.ts';

/** What only the process that works on a job knows. */
export interface JobNow {
  activeSeat?: Seat | undefined;
  /** It was held, and waits for a slot to go on. */
  parked?: boolean | undefined;
}

/** A job as `GET /api/jobs/{id}` tells it, from what the journal holds. */
export function toJobStatus(record: JobRecord, usage: JobUsage, now: JobNow = {}): JobStatus {
  const { id, inputsDigest, state, reason, message, startedAt, finishedAt, heldAt } = record;
  const held = finishedAt === undefined && (heldAt !== undefined || now.parked === true);
  return {
    id,
    inputsDigest,
    state,
    ...(held ? { held } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    usage: toUsage(usage),
    ...(usage.takenBy.length === 0 ? {} : { takenBy: usage.takenBy.slice(0, MAX_TAKERS) }),
    ...(record.output ?? progressOf(record, now.activeSeat)),
  };
}

/** What a job has come to before it ended: the turns of a debate that are finished. */
export function progressOf({ id, turns }: JobRecord, activeSeat: Seat | undefined): JobOutput {
  if (!id.includes('.debate.')) return {};
  return { debate: { turns, dissent: [], ...(activeSeat === undefined ? {} : { activeSeat }) } };
}

function toUsage(usage: JobUsage): JobStatus['usage'] {
  const { inputTokens, outputTokens, calls, unsettled, microUSD, estimatedTokens, unsettledMicroUSD } = usage;
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    calls,
    unsettled,
    ...(estimatedTokens === 0 ? {} : { estimatedTokens }),
    ...(unsettledMicroUSD === 0 ? {} : { unsettledCostUSD: fromMicroUSD(unsettledMicroUSD) }),
    ...(microUSD === undefined ? {} : { costUSD: fromMicroUSD(microUSD) }),
  };
}
