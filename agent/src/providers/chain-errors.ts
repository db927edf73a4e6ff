import type { ModelCircuit } from './circuits.ts';
import type { Spend } from './provider.ts';
import { ProviderError } from './provider-error.ts';

type Limit = 'total' | 'first' | 'idle';
const TIMED_OUT: Record<Limit, string> = {
  total: 'did not finish within',
  first: 'gave no sign of life for',
  idle: 'made no progress for',
};

/** A try that was ended by one of its limits, in milliseconds. */
export const timeoutError = (provider: string, ms: Record<Limit, number>, limit: Limit): ProviderError =>
  new ProviderError('timeout', `${provider} ${TIMED_OUT[limit]} ${Math.round(ms[limit] / 100) / 10} s`, { provider });

/** A deadline that passed in our own queue. */
export const noPlaceError = (provider: string, ms: number): ProviderError =>
  new ProviderError('timeout', `${provider} had no place within its limits for ${Math.round(ms / 100) / 10} s`, {
    provider,
    isRetryable: false,
  });

/** A provider that is left alone for now. */
export function restingError(name: string, circuit: Pick<ModelCircuit, 'reason' | 'restMs'>): ProviderError {
  const kind = circuit.reason ?? 'unreachable';
  const seconds = Math.ceil(circuit.restMs / 1000);
  return new ProviderError(kind, `${name} is left alone for ${seconds} s more: it was ${kind}`, {
    provider: name,
    retryAfterMs: circuit.restMs,
  });
}

/** Providers throw nothing else by contract; a bug in one must still not break the chain. */
export function asProviderError(error: unknown, provider: string): ProviderError {
  if (ProviderError.isInstance(error)) return error;
  return new ProviderError('unusable', `${provider} failed in an unexpected way`, {
    provider,
    isRetryable: false,
    cause: error,
  });
}

/** One error for the whole chain: its kind is the most hopeful one, since that decides whether another attempt makes sense. */
export function summarize(errors: readonly ProviderError[], spent: Spend): ProviderError {
  const leading = errors.find((error) => error.isRetryable) ?? errors.at(-1);
  if (!leading)
    return new ProviderError('timeout', 'the deadline passed before a provider was asked', { provider: '', spent });
  const waits = errors.map((error) => error.retryAfterMs).filter((wait) => wait !== undefined);
  return new ProviderError(leading.kind, errors.map((error) => error.message).join('; '), {
    provider: leading.provider,
    isRetryable: leading.isRetryable,
    ...(leading.status === undefined ? {} : { status: leading.status }),
    ...(waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {}),
    spent,
  });
}
