import type { Spend } from './provider.ts';

/**
 * Kinds of failure, by what is to be done about them:
 * - rate-limited, overloaded, unreachable, timeout: another try may succeed
 * - unusable: the answer was empty, broken off or no answer of this API (an HTML page)
 * - quota, unauthorized: a person must act; never retried at this provider
 * - not-found: the model or the path does not exist there (retired, misspelt)
 * - bad-request: this request is refused and would be again
 */
export const PROVIDER_ERROR_KINDS = [
  'rate-limited',
  'quota',
  'unauthorized',
  'not-found',
  'unreachable',
  'timeout',
  'unusable',
  'bad-request',
  'overloaded',
] as const;
export type ProviderErrorKind = (typeof PROVIDER_ERROR_KINDS)[number];

const RETRYABLE: ReadonlySet<ProviderErrorKind> = new Set([
  'rate-limited',
  'unreachable',
  'timeout',
  'unusable',
  'overloaded',
]);

export interface ProviderErrorDetails {
  /** Name of the provider. */
  provider: string;
  /** HTTP status, where one was received. */
  status?: number;
  /** How long the provider asks to be left alone. */
  retryAfterMs?: number;
  /** Overrides what the kind says about another try at the same provider. */
  isRetryable?: boolean;
  /** What was consumed before it failed. */
  spent?: Spend;
  cause?: unknown;
}

const MARK = Symbol.for('darkcarnival.dev/ProviderError');
const NOTHING: Spend = { inputTokens: 0, outputTokens: 0, calls: 0 };

/** How a provider failed. The only error that leaves this folder (but for the abort reason of the caller); its message never holds a key. */
export class ProviderError extends Error {
  readonly [MARK] = true;
  readonly kind: ProviderErrorKind;
  /** Whether another try at the same provider may succeed with nobody changing anything. */
  readonly isRetryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly provider: string;
  readonly status: number | undefined;
  readonly spent: Spend;

  constructor(kind: ProviderErrorKind, message: string, details: ProviderErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProviderError';
    this.kind = kind;
    this.isRetryable = details.isRetryable ?? RETRYABLE.has(kind);
    this.retryAfterMs = details.retryAfterMs;
    this.provider = details.provider;
    this.status = details.status;
    this.spent = details.spent ?? NOTHING;
  }

  /** The same failure, with what was consumed before it. */
  withSpent(spent: Spend): ProviderError {
    return new ProviderError(this.kind, this.message, {
      provider: this.provider,
      isRetryable: this.isRetryable,
      ...(this.status === undefined ? {} : { status: this.status }),
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      spent,
    });
  }

  /** Works across copies of this module, which `instanceof` does not. */
  static isInstance(error: unknown): error is ProviderError {
    return typeof error === 'object' && error !== null && MARK in error;
  }
}
