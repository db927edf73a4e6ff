import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { CallHeldBack } from './call-held-back.ts';
import { addSpend } from './cost.ts';
import type { ChainCallOptions, ProviderLogger } from './llm-factory.ts';
import type { Completion, CompletionRequest, Spend } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import type { ProviderSlot } from './provider-slot.ts';
import { decideRetry } from './retry-policy.ts';
import { estimateTokens, promptText } from './token-estimate.ts';
import { Watchdog } from './watchdog.ts';

/** A provider of a chain, with the model that the chain wants of it. */
export interface Candidate {
  slot: ProviderSlot;
  model?: string;
}

export interface CallDeps {
  clock: Clock;
  random: () => number;
  logger: ProviderLogger;
}

/** Without progress for this long a try is over. Some models think silently for a minute and more. */
const IDLE_MS = 120_000;
/** A rest longer than this is not waited for, even where there is nobody else to ask. */
const LONGEST_REST_WAIT_MS = 60_000;
/** Where another provider is left to ask, one try may take this part of what is left of the deadline. */
const SHARE_WITH_FALLBACK = 2 / 3;

const NOTHING: Spend = { inputTokens: 0, outputTokens: 0, calls: 0 };

/** Asks a chain of providers within one deadline: retries at each, falls back along the chain, sums up what was spent. */
export class ChainCall {
  readonly #deps: CallDeps;
  readonly #request: CompletionRequest;
  readonly #options: ChainCallOptions;
  readonly #endsAt: number;
  readonly #errors: ProviderError[] = [];
  #spent: Spend = NOTHING;
  #left: Candidate[];

  constructor(chain: readonly Candidate[], request: CompletionRequest, options: ChainCallOptions, deps: CallDeps) {
    this.#left = [...chain];
    this.#request = request;
    this.#options = options;
    this.#deps = deps;
    this.#endsAt = deps.clock.monotonic() + options.deadlineMs;
  }

  /** @throws ProviderError that sums up what each provider said, CallHeldBack, or the reason of the caller's signal. */
  async run(): Promise<Completion> {
    for (let next = await this.#next(); next; next = await this.#next()) {
      const completion = await this.#askWithRetries(next);
      if (completion) return { ...completion, spent: this.#spent };
      this.#left = this.#left.filter((candidate) => candidate !== next);
    }
    throw summarize(this.#errors, this.#spent);
  }

  get #remainingMs(): number {
    return this.#endsAt - this.#deps.clock.monotonic();
  }

  #readyBeside(candidate: Candidate): boolean {
    return this.#left.some((other) => other !== candidate && other.slot.circuit.restMs === 0);
  }

  /** The first provider that may be asked now; where all rest, the one that is back soonest, if that is worth waiting for. */
  async #next(): Promise<Candidate | undefined> {
    this.#options.signal.throwIfAborted();
    if (this.#remainingMs <= 0) return undefined;
    const ready = this.#left.find(({ slot }) => slot.circuit.restMs === 0);
    if (ready) return ready;
    const [soonest] = this.#left
      .filter(({ slot }) => slot.circuit.isWorthWaiting)
      .sort((a, b) => a.slot.circuit.restMs - b.slot.circuit.restMs);
    const restMs = soonest?.slot.circuit.restMs ?? 0;
    if (!soonest || restMs > LONGEST_REST_WAIT_MS || restMs >= this.#remainingMs) {
      for (const { slot } of this.#left) this.#errors.push(restingError(slot));
      return undefined;
    }
    await sleep(this.#deps.clock, restMs, this.#options.signal);
    this.#options.signal.throwIfAborted();
    return soonest;
  }

  async #askWithRetries(candidate: Candidate): Promise<Completion | undefined> {
    const { slot } = candidate;
    const { clock, random, logger } = this.#deps;
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.#askOnce(candidate);
      if (!ProviderError.isInstance(outcome)) {
        slot.recordSuccess();
        return outcome;
      }
      slot.recordFailure(outcome);
      const hasFallback = this.#readyBeside(candidate);
      const remainingMs = this.#remainingMs;
      const decision = decideRetry({ error: outcome, tries, remainingMs, hasFallback, random });
      const { kind, status } = outcome;
      logger.warn({ provider: slot.grant.name, kind, status, tries, next: decision.action }, outcome.message);
      if (decision.action === 'cool-down') slot.circuit.coolDown(kind, decision.ms);
      if (decision.action !== 'wait' || (hasFallback && slot.circuit.restMs > 0)) {
        this.#errors.push(outcome);
        return undefined;
      }
      await sleep(clock, decision.ms, this.#options.signal);
      this.#options.signal.throwIfAborted();
    }
  }

  async #askOnce(candidate: Candidate): Promise<Completion | ProviderError> {
    const { slot, model } = candidate;
    const { name } = slot.grant;
    const remainingMs = Math.max(0, this.#remainingMs);
    const totalMs = this.#readyBeside(candidate) ? remainingMs * SHARE_WITH_FALLBACK : remainingMs;
    const watchdog = new Watchdog({
      clock: this.#deps.clock,
      parent: this.#options.signal,
      totalMs,
      idleMs: IDLE_MS,
      reasonFor: (limit) => timeoutError(name, limit === 'idle' ? IDLE_MS : totalMs, limit),
    });
    const release = await slot.limiter.acquire(watchdog.signal);
    const received = { began: false, length: 0 };
    try {
      watchdog.signal.throwIfAborted();
      if (this.#options.mayTry?.() === false) throw new CallHeldBack(this.#spent);
      this.#options.onStart?.({ provider: name, model: model ?? slot.provider.model });
      received.began = true;
      const completion = await slot.provider.complete(this.#request, this.#callOptions(watchdog, received, model));
      this.#book(slot, completion.spent);
      return completion;
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (error instanceof CallHeldBack) throw error;
      const failure = asProviderError(error, name);
      this.#book(slot, failure.spent.calls > 0 ? failure.spent : this.#estimate(failure, received));
      return failure;
    } finally {
      watchdog.stop();
      release?.();
    }
  }

  #callOptions(watchdog: Watchdog, received: { length: number }, model: string | undefined) {
    const { onDelta } = this.#options;
    return {
      signal: watchdog.signal,
      onActivity: () => watchdog.touch(),
      onDelta: (text: string) => {
        received.length += text.length;
        onDelta?.(text);
      },
      ...(model === undefined ? {} : { model }),
    };
  }

  /** A call that timed out was sent, and what it had produced is paid for. */
  #estimate({ kind }: ProviderError, { began, length }: { began: boolean; length: number }): Spend {
    if (!began || kind !== 'timeout') return NOTHING;
    return { inputTokens: estimateTokens(promptText(this.#request)), outputTokens: Math.ceil(length / 4), calls: 1 };
  }

  #book(slot: ProviderSlot, spent: Spend): void {
    this.#spent = addSpend(this.#spent, slot.priced(spent));
  }
}

const timeoutError = (provider: string, ms: number, limit: 'total' | 'idle'): ProviderError =>
  new ProviderError(
    'timeout',
    `${provider} ${limit === 'idle' ? 'made no progress for' : 'did not finish within'} ${Math.round(ms / 100) / 10} s`,
    { provider },
  );

function restingError({ circuit, grant }: ProviderSlot): ProviderError {
  const kind = circuit.reason ?? 'unreachable';
  const seconds = Math.ceil(circuit.restMs / 1000);
  return new ProviderError(kind, `${grant.name} is left alone for ${seconds} s more: it was ${kind}`, {
    provider: grant.name,
    retryAfterMs: circuit.restMs,
  });
}

/** Providers throw nothing else by contract; a bug in one must still not break the chain. */
function asProviderError(error: unknown, provider: string): ProviderError {
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
