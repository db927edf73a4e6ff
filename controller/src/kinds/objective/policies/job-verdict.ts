import { JOB_FAILURES, type JobFailureReason, OBJECTIVE_LIMITS } from '@dark-carnival/crds';
import type { JobReport } from '../../../ports/wagon-client.ts';
import type { Cause } from '../draft.ts';
import type { JobObservation } from '../snapshot.ts';
import type { ActiveJob } from './active-jobs.ts';
import { backoffMs, SILENCE_LIMIT_MS } from './attempts.ts';
import { oneLine } from './plain-text.ts';

/** An attempt that is over without a result. */
export interface AttemptOver {
  verdict: 'over';
  cause: Cause;
  /** Whether another attempt may succeed without anybody changing anything. */
  retryable: boolean;
  /** Not the work failed but the wagon (gone, silent, refusing), or the models that it asks. */
  lost: boolean;
  /** The wagon may still work on it and should be told to stop. */
  cancel: boolean;
}

export type JobVerdict =
  | { verdict: 'wait'; requeueMs: number }
  /** The wagon does not hold it (yet): give it, again if need be. */
  | { verdict: 'give' }
  | { verdict: 'running'; job: JobReport }
  | { verdict: 'succeeded'; job: JobReport }
  | AttemptOver;

export interface JobTerms {
  /** The wagon was not heard within its time: its lease has lapsed, so it neither calls nor commits. */
  lost: boolean;
  deadlineMs: number;
  backoffBaseMs: number;
}

/** How often a running job is asked about where no event wakes us. */
export const POLL_MS = 5_000;

/** A wagon that hangs costs a worker for seconds each time it is asked, so it is asked ever more rarely. */
const askAgainMs = (silentForMs: number): number => Math.min(10_000, Math.max(1_000, silentForMs / 2));

/** What an observation means for the attempt. The same for rounds and tasks. */
export function judgeJob(active: ActiveJob, seen: JobObservation | undefined, terms: JobTerms): JobVerdict {
  switch (seen?.outcome) {
    case 'found':
      return judgeFound(active, seen, terms);
    case 'absent':
      return terms.lost ? wagonLost(active) : { verdict: 'give' };
    case 'silent':
      return terms.lost || seen.forMs >= SILENCE_LIMIT_MS
        ? wagonLost(active, seen.message)
        : { verdict: 'wait', requeueMs: askAgainMs(seen.forMs) };
    case 'full':
      return terms.lost
        ? wagonLost(active)
        : { verdict: 'wait', requeueMs: Math.min(15_000, Math.max(500, seen.retryAfterMs)) };
    case 'refused':
      return afterBackoff(active, seen.forMs, terms, () => refusedByWagon(active, seen.message));
    default:
      return { verdict: 'wait', requeueMs: POLL_MS };
  }
}

function judgeFound(
  active: ActiveJob,
  seen: Extract<JobObservation, { outcome: 'found' }>,
  terms: JobTerms,
): JobVerdict {
  const { job } = seen;
  if (job.inputsDigest !== active.inputsDigest) {
    const message = `${active.wagonName} holds other inputs under this id`;
    return {
      verdict: 'over',
      cause: { reason: 'ForeignAssignment', message },
      retryable: true,
      lost: true,
      cancel: false,
    };
  }
  switch (job.state) {
    case 'Succeeded':
      return { verdict: 'succeeded', job };
    case 'Failed':
      return afterBackoff(active, seen.doneForMs, terms, () => failedOnWagon(active, job));
    case 'Cancelled':
      return afterBackoff(active, seen.doneForMs, terms, () => cancelledOnWagon(active));
    default:
      if (terms.lost) return wagonLost(active);
      return seen.seenForMs >= terms.deadlineMs ? hangs(active, terms.deadlineMs) : { verdict: 'running', job };
  }
}

const CLAIM_REFUSED = 'ClaimRefused';

/** Whether what a wagon answered was not believed. */
export const isRefused = ({ reason }: Pick<Cause, 'reason'>): boolean => reason === CLAIM_REFUSED;

/** The same of a task's last attempt, as status tells it. */
export const wasRefused = ({ message }: { message?: string | undefined }): boolean =>
  message?.startsWith(`${CLAIM_REFUSED}:`) ?? false;

/** A refused claim is a failed attempt: it, too, waits before the next. */
export function claimRefused(active: ActiveJob, doneForMs: number, message: string, backoffBaseMs: number): JobVerdict {
  return afterBackoff(active, doneForMs, { lost: false, deadlineMs: 0, backoffBaseMs }, () => ({
    verdict: 'over',
    cause: { reason: CLAIM_REFUSED, message: `${active.wagonName}: ${message}` },
    retryable: true,
    lost: false,
    cancel: false,
  }));
}

function afterBackoff(
  active: ActiveJob,
  sinceMs: number,
  { lost, backoffBaseMs }: JobTerms,
  over: () => AttemptOver,
): JobVerdict {
  const left = backoffMs(active.attempt, backoffBaseMs) - sinceMs;
  return left > 0 && !lost ? { verdict: 'wait', requeueMs: left } : over();
}

function failedOnWagon(active: ActiveJob, job: JobReport): AttemptOver {
  const known = job.reason !== undefined && Object.hasOwn(JOB_FAILURES, job.reason);
  const reason = known ? (job.reason as JobFailureReason) : 'Internal';
  const message = oneLine(job.message ?? 'no message', 512);
  return {
    verdict: 'over',
    cause: { reason, message: `${active.wagonName}: ${message}` },
    retryable: JOB_FAILURES[reason].retryable,
    // Nobody was there to do it: that must not use up the task's own retries.
    lost: reason === 'ProviderUnavailable',
    cancel: false,
  };
}

const cancelledOnWagon = (active: ActiveJob): AttemptOver => ({
  verdict: 'over',
  cause: { reason: 'Cancelled', message: `it was cancelled on ${active.wagonName}` },
  retryable: true,
  lost: true,
  cancel: false,
});

const refusedByWagon = (active: ActiveJob, message: string): AttemptOver => ({
  verdict: 'over',
  cause: { reason: 'AssignmentRefused', message: `${active.wagonName} refused it: ${oneLine(message, 512)}` },
  retryable: true,
  lost: true,
  cancel: false,
});

const wagonLost = (active: ActiveJob, message?: string): AttemptOver => ({
  verdict: 'over',
  cause: {
    reason: 'WagonLost',
    message: `${active.wagonName} is not to be reached${message ? `: ${oneLine(message, 256)}` : ''}`,
  },
  retryable: true,
  lost: true,
  cancel: true,
});

const hangs = (active: ActiveJob, deadlineMs: number): AttemptOver => ({
  verdict: 'over',
  cause: { reason: 'Timeout', message: `${active.wagonName} did not finish within ${Math.round(deadlineMs / 1000)} s` },
  retryable: true,
  lost: false,
  cancel: true,
});

/** Whether no wagon ever held it: then nothing was spent. */
export const neverTaken = ({ cause }: AttemptOver): boolean => cause.reason === 'InputsChanged';

/** A cause as the short message of one task. */
export const taskMessage = ({ reason, message }: Cause): string =>
  oneLine(`${reason}: ${message}`, OBJECTIVE_LIMITS.taskMessage);
