import type { JobFailureReason } from '@dark-carnival/crds';
import { RoundStopped } from '../debate/round.ts';
import { jobFailureOf } from '../providers/job-failure.ts';
import { ProviderError } from '../providers/provider-error.ts';
import { TaskFailed } from '../swarm/task-failed.ts';
import { VaultError } from '../vault/vault-error.ts';

/** The wagon is stopping: the job is left as it stands in the journal, and goes on at the next start. */
export class Hibernating extends Error {
  override readonly name = 'Hibernating';
}

/** How a job failed, as its status tells it. */
export interface JobFailure {
  reason: JobFailureReason;
  message: string;
}

/** Translates whatever ended a job into the words of the contract. */
export function toJobFailure(error: unknown): JobFailure {
  if (error instanceof TaskFailed || error instanceof RoundStopped)
    return { reason: error.reason, message: error.message };
  if (ProviderError.isInstance(error)) return { reason: jobFailureOf(error), message: error.message };
  if (error instanceof VaultError) return { reason: 'VaultUnwritable', message: error.message };
  if (isSqliteError(error))
    return { reason: 'VaultUnwritable', message: `the journal cannot be written: ${error.message}` };
  return { reason: 'Internal', message: error instanceof Error ? error.message : String(error) };
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}
