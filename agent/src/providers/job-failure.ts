import type { JobFailureReason } from '@dark-carnival/crds';
import type { ProviderError } from './provider-error.ts';

/** The reason that a job fails with when its call failed like this. */
export function jobFailureOf({ kind }: ProviderError): JobFailureReason {
  if (kind === 'unauthorized') return 'Unauthorized';
  if (kind === 'unusable') return 'AnswerUnusable';
  if (kind === 'timeout') return 'Timeout';
  return 'ProviderUnavailable';
}
