import type { Clock } from '@dark-carnival/crds/clock';
import type { ProviderError, ProviderErrorKind } from './provider-error.ts';

/** Failures in a row after which a provider is left alone for a while. */
const OPENS_AT = 3;
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 300_000;
/** Until somebody may have replaced the key, paid the bill or corrected the model; a probe that succeeds ends it sooner. */
const BLOCKED_MS = 60_000;
/** However long a provider asks to be left alone, it is tried again after this. */
const LONGEST_COOL_DOWN_MS = 3_600_000;

const NEEDS_A_PERSON: ReadonlySet<ProviderErrorKind> = new Set(['unauthorized', 'quota', 'not-found']);
/** What a list of models proves to be over. That the list is served says nothing about load, limits or money. */
const ENDED_BY_PROBE: ReadonlySet<ProviderErrorKind> = new Set(['unauthorized', 'unreachable', 'timeout']);

/** Whether a probe that goes well ends a rest of this kind. */
export const isEndedByProbe = (kind: ProviderErrorKind | undefined): boolean =>
  kind !== undefined && ENDED_BY_PROBE.has(kind);

/** Whether a provider may be called now. One per provider: many seats and tasks share what one of them found out. */
export class Circuit {
  readonly #clock: Clock;
  #failures = 0;
  #openUntil = 0;
  #reason: ProviderErrorKind | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the provider may be called; 0 when it may. */
  get restMs(): number {
    return this.#reason === undefined ? 0 : Math.max(0, this.#openUntil - this.#clock.monotonic());
  }

  /** Why it may not be called; absent when it may. */
  get reason(): ProviderErrorKind | undefined {
    return this.restMs > 0 ? this.#reason : undefined;
  }

  /** Whether waiting for the end of the rest makes sense: not where a person must act first. */
  get isWorthWaiting(): boolean {
    return this.#reason === undefined || !NEEDS_A_PERSON.has(this.#reason);
  }

  recordSuccess(): void {
    this.#failures = 0;
    this.#reason = undefined;
  }

  recordFailure({ kind, isRetryable }: ProviderError): void {
    if (NEEDS_A_PERSON.has(kind)) this.#open(kind, BLOCKED_MS);
    // The request was at fault, not the provider.
    if (!isRetryable) return;
    this.#failures += 1;
    if (this.#failures < OPENS_AT) return;
    this.#open(kind, Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (this.#failures - OPENS_AT)));
  }

  /** Leaves the provider alone for as long as it asked. */
  coolDown(kind: ProviderErrorKind, ms: number): void {
    this.#open(kind, Math.min(LONGEST_COOL_DOWN_MS, ms));
  }

  /** A probe went well: the provider is back, if that is what was wrong. */
  recordProbe(): void {
    if (isEndedByProbe(this.#reason)) this.recordSuccess();
  }

  #open(kind: ProviderErrorKind, ms: number): void {
    this.#reason = kind;
    this.#openUntil = this.#clock.monotonic() + ms;
  }
}
