import type { JobState, JobStatus } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../../../testing/scripted-answers.ts';
import type { JobObservation } from '../snapshot.ts';
import type { ActiveJob } from './active-jobs.ts';
import { judgeJob, taskMessage } from './job-verdict.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const active: ActiveJob = {
  id: 'u.debate.1.1',
  kind: 'debate',
  part: '1',
  attempt: 1,
  wagonName: 'lxc-core',
  inputsDigest: digest,
};
const terms = { lost: false, deadlineMs: 100_000, backoffBaseMs: 1_000 };
const job = (state: JobState, more: Partial<JobStatus> = {}): JobStatus => ({
  id: active.id,
  inputsDigest: digest,
  state,
  usage: NO_USAGE,
  ...more,
});
const found = (status: JobStatus, times: { seenForMs?: number; doneForMs?: number } = {}): JobObservation => ({
  outcome: 'found',
  job: status,
  seenForMs: 0,
  doneForMs: 60_000,
  ...times,
});

describe('what an observation means for an attempt', () => {
  const rows: { name: string; seen: JobObservation | undefined; lost?: boolean; want: object }[] = [
    { name: 'a job that runs goes on', seen: found(job('Running')), want: { verdict: 'running' } },
    { name: 'a job that is accepted goes on', seen: found(job('Accepted')), want: { verdict: 'running' } },
    { name: 'a job that succeeded is taken in', seen: found(job('Succeeded')), want: { verdict: 'succeeded' } },
    {
      name: 'a job that succeeded is taken in though its wagon went silent since',
      seen: found(job('Succeeded')),
      lost: true,
      want: { verdict: 'succeeded' },
    },
    {
      name: 'a job that failed is over, its work being at fault',
      seen: found(job('Failed', { reason: 'NotAccepted' })),
      want: { verdict: 'over', retryable: true, lost: false },
    },
    {
      name: 'a job without budget is over for good',
      seen: found(job('Failed', { reason: 'BudgetExhausted' })),
      want: { verdict: 'over', retryable: false },
    },
    {
      name: 'an unknown reason may be tried again',
      seen: found(job('Failed', { reason: 'Nonsense' })),
      want: { verdict: 'over', retryable: true, cause: { reason: 'Internal', message: 'lxc-core: no message' } },
    },
    {
      name: 'a failure waits for its back-off',
      seen: found(job('Failed'), { doneForMs: 400 }),
      want: { verdict: 'wait', requeueMs: 600 },
    },
    {
      name: 'a job that nobody was there to do costs none of the own retries',
      seen: found(job('Failed', { reason: 'ProviderUnavailable', message: 'kimi cannot be reached' })),
      want: { verdict: 'over', retryable: true, lost: true, cancel: false },
    },
    {
      name: 'a job that somebody cancelled on the wagon is lost',
      seen: found(job('Cancelled')),
      want: { verdict: 'over', lost: true },
    },
    {
      name: 'other inputs under our id are not ours',
      seen: found(job('Succeeded', { inputsDigest: `sha256:${'b'.repeat(64)}` })),
      want: { verdict: 'over', cause: { reason: 'ForeignAssignment' } },
    },
    {
      name: 'a job that does not end is a hang, and cancelled',
      seen: found(job('Running'), { seenForMs: 100_000 }),
      want: { verdict: 'over', cancel: true, cause: { reason: 'Timeout' } },
    },
    {
      name: 'a job on a wagon that went silent is lost, and cancelled in case',
      seen: found(job('Running')),
      lost: true,
      want: { verdict: 'over', lost: true, cancel: true },
    },
    { name: 'a job that the wagon does not hold is given', seen: { outcome: 'absent' }, want: { verdict: 'give' } },
    {
      name: 'nothing is given to a wagon that went silent',
      seen: { outcome: 'absent' },
      lost: true,
      want: { verdict: 'over', lost: true },
    },
    {
      name: 'a wagon that does not answer is waited for',
      seen: { outcome: 'silent', message: 'x', forMs: 59_000 },
      want: { verdict: 'wait' },
    },
    {
      name: 'a wagon that goes on saying nothing is asked ever more rarely',
      seen: { outcome: 'silent', message: 'x', forMs: 12_000 },
      want: { verdict: 'wait', requeueMs: 6_000 },
    },
    {
      name: 'a wagon that answers nonsense for a minute is given up, heartbeats or not',
      seen: { outcome: 'silent', message: 'x', forMs: 60_000 },
      want: { verdict: 'over', lost: true },
    },
    {
      name: 'a wagon that neither answers nor beats is given up',
      seen: { outcome: 'silent', message: 'x', forMs: 0 },
      lost: true,
      want: { verdict: 'over', lost: true },
    },
    {
      name: 'a full wagon is waited for as long as it asks',
      seen: { outcome: 'full', retryAfterMs: 3_000 },
      want: { verdict: 'wait', requeueMs: 3_000 },
    },
    {
      name: 'a refusal is over after its back-off',
      seen: { outcome: 'refused', message: 'no', forMs: 1_000 },
      want: { verdict: 'over', cause: { reason: 'AssignmentRefused' } },
    },
    { name: 'a leader that was replaced gives no orders', seen: { outcome: 'fenced' }, want: { verdict: 'wait' } },
    { name: 'what was not asked is waited for', seen: undefined, want: { verdict: 'wait' } },
  ];
  it.each(rows)('$name', ({ seen, lost = false, want }) => {
    expect(judgeJob(active, seen, { ...terms, lost })).toMatchObject(want);
  });

  it("cuts a wagon's words to one short line", () => {
    const message = taskMessage({ reason: 'Internal', message: `a\nb\u001b[2J${'x'.repeat(500)}` });
    expect(message).toHaveLength(160);
    expect(message).toMatch(/^Internal: a b\[2Jx+…$/);
  });
});
