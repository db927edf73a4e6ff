import type { ProviderError } from './provider-error.ts';

/** Tries at one provider in one call. */
export const MAX_TRIES = 3;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
/** A provider that asks for more is left alone, and another one is asked now. */
const LONGEST_RETRY_AFTER_MS = 60_000;
/** The same where another one is ready: people wait for the debate. */
const LONGEST_RETRY_AFTER_WITH_FALLBACK_MS = 10_000;

export type RetryDecision =
  | { action: 'wait'; ms: number }
  /** Leave this provider alone for as long as it asks, and go on along the chain. */
  | { action: 'cool-down'; ms: number }
  | { action: 'give-up' };

export interface RetryFacts {
  error: ProviderError;
  /** Tries at this provider so far, the failed one included. */
  tries: number;
  /** What is left of the deadline. */
  remainingMs: number;
  /** Whether another provider of the chain may be asked now. */
  hasFallback: boolean;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** Decides what follows a failed try: full jitter, Retry-After honoured but never waited for beyond reason. */
export function decideRetry({ error, tries, remainingMs, hasFallback, random }: RetryFacts): RetryDecision {
  if (!error.isRetryable) return { action: 'give-up' };
  const { retryAfterMs } = error;
  if (retryAfterMs !== undefined) {
    const longest = hasFallback ? LONGEST_RETRY_AFTER_WITH_FALLBACK_MS : LONGEST_RETRY_AFTER_MS;
    if (retryAfterMs > longest || retryAfterMs >= remainingMs || tries >= MAX_TRIES)
      return { action: 'cool-down', ms: retryAfterMs };
    // Everybody else was told the same time: do not come back all at once.
    return { action: 'wait', ms: retryAfterMs + random() * Math.min(FIRST_WAIT_MS, remainingMs - retryAfterMs) };
  }
  if (tries >= MAX_TRIES) return { action: 'give-up' };
  const ms = random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
  return ms < remainingMs ? { action: 'wait', ms } : { action: 'give-up' };
}
