import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { CallHeldBack } from './call-held-back.ts';
import type { CallObserver, TryWatch } from './call-observer.ts';
import { CallUnaffordable } from './call-unaffordable.ts';
import { asProviderError, noPlaceError, restingError, summarize, timeoutError } from './chain-errors.ts';
import type { ModelCircuit } from './circuits.ts';
import { addSpend, costUSD } from './cost.ts';
import type { ChainCallOptions, ProviderLogger } from './llm-factory.ts';
import type { PassedOverBook } from './passed-over.ts';
import type { Completion, CompletionRequest, Spend } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import type { ProviderSlot } from './provider-slot.ts';
import { decideRetry } from './retry-policy.ts';
import { estimatedCall, reserveCall } from './token-estimate.ts';
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
  /** The slot that a provider of this name has now: its grant may have been replaced meanwhile. */
  current?: (name: string) => ProviderSlot | undefined;
  /** Keeps why each provider of the chain did not answer. */
  passedOver: PassedOverBook;
  /** Told of every try. */
  observer?: CallObserver;
}

/** Without progress for this long a try is over. Some models think silently for a minute and more. */
const IDLE_MS = 120_000;
/** A rest longer than this is not waited for, even where there is nobody else to ask. */
const LONGEST_REST_WAIT_MS = 60_000;
/** Where another provider is left to ask, one try may take this part of what is left of the deadline. */
const SHARE_WITH_FALLBACK = 2 / 3;

/** What came of an answer: whether the question went out, and characters. */
interface Received {
  began: boolean;
  length: number;
}

const NOTHING: Spend = { inputTokens: 0, outputTokens: 0, calls: 0 };

/** Asks a chain of providers within one deadline: retries at each, falls back along the chain, sums up what was spent. */
export class ChainCall {
  readonly #deps: CallDeps;
  readonly #request: CompletionRequest;
  readonly #options: ChainCallOptions;
  readonly #endsAt: number;
  readonly #errors: ProviderError[] = [];
  #spent: Spend = NOTHING;
  /** What was short, where somebody could not be asked for that. */
  #shortage: string | undefined;
  #left: Candidate[];

  constructor(chain: readonly Candidate[], request: CompletionRequest, options: ChainCallOptions, deps: CallDeps) {
    this.#left = [...chain];
    this.#request = request;
    this.#options = options;
    this.#deps = deps;
    this.#endsAt = deps.clock.monotonic() + options.deadlineMs;
  }

  /** @throws ProviderError that sums up what each provider said, CallHeldBack, CallUnaffordable, or the reason of the caller's signal. */
  async run(): Promise<Completion> {
    for (let next = await this.#next(); next; next = await this.#next()) {
      const completion = await this.#askWithRetries(next);
      if (completion) {
        const usageEstimated = completion.usageEstimated || this.#spent.estimatedTokens !== undefined;
        const passedOver = this.#deps.passedOver.before(next.slot.grant.name);
        const told = passedOver.length === 0 ? {} : { passedOver };
        return { ...completion, usageEstimated, spent: this.#spent, ...told };
      }
      this.#left = this.#left.filter((candidate) => candidate !== next);
    }
    if (this.#shortage !== undefined) throw new CallUnaffordable(this.#shortage, this.#spent);
    throw summarize(this.#errors, this.#spent);
  }

  /** Whether one more try there may be paid for, whatever it comes to. */
  #isAffordable({ slot, model }: Candidate): boolean {
    const count = reserveCall(this.#request);
    const prices = slot.pricesFor(model);
    const next = { ...count, calls: 1, ...(prices ? { costUSD: costUSD(count, prices) } : {}) };
    const most = addSpend(this.#spent, next);
    const shortage = this.#options.reserveTry?.({
      tokens: most.inputTokens + most.outputTokens,
      ...(most.costUSD === undefined ? {} : { costUSD: most.costUSD }),
    });
    this.#shortage ??= shortage;
    return shortage === undefined;
  }

  get #remainingMs(): number {
    return this.#endsAt - this.#deps.clock.monotonic();
  }

  #readyBeside(candidate: Candidate): boolean {
    return this.#left.some((other) => other !== candidate && circuitOf(other).restMs === 0);
  }

  /** The first provider that may be asked now; where all rest, the one that is back soonest, if that is worth waiting for. */
  async #next(): Promise<Candidate | undefined> {
    this.#options.signal.throwIfAborted();
    if (this.#remainingMs <= 0) return undefined;
    const ready = this.#left.find((candidate) => circuitOf(candidate).restMs === 0);
    this.#noteResting();
    if (ready) return ready;
    const [soonest] = this.#left
      .filter((candidate) => circuitOf(candidate).isWorthWaiting)
      .sort((a, b) => circuitOf(a).restMs - circuitOf(b).restMs);
    const restMs = soonest ? circuitOf(soonest).restMs : 0;
    if (!soonest || restMs > LONGEST_REST_WAIT_MS || restMs >= this.#remainingMs) {
      for (const candidate of this.#left)
        this.#errors.push(restingError(candidate.slot.grant.name, circuitOf(candidate)));
      return undefined;
    }
    await sleep(this.#deps.clock, restMs, this.#options.signal);
    this.#options.signal.throwIfAborted();
    return soonest;
  }

  #noteResting(): void {
    for (const { slot, model } of this.#left) {
      const { reason } = slot.circuitOf(model);
      if (reason !== undefined) this.#deps.passedOver.note(slot.grant.name, slot.reasonFor(reason));
    }
  }

  async #askWithRetries(candidate: Candidate): Promise<Completion | undefined> {
    const { clock, random } = this.#deps;
    for (let tries = 1; ; tries += 1) {
      if (!this.#isAffordable(candidate)) {
        this.#deps.passedOver.note(candidate.slot.grant.name, 'BudgetExhausted');
        return undefined;
      }
      const outcome = await this.#askOnce(candidate);
      const circuit = circuitOf(candidate);
      if (!ProviderError.isInstance(outcome)) {
        candidate.slot.recordSuccess(candidate.model);
        return outcome;
      }
      // Waiting for our own limits says nothing about the provider.
      if (outcome !== this.#noPlace) candidate.slot.recordFailure(outcome, candidate.model);
      if (this.#hasNewKey(candidate, outcome)) continue;
      const hasFallback = this.#readyBeside(candidate);
      const decision = decideRetry({ error: outcome, tries, remainingMs: this.#remainingMs, hasFallback, random });
      this.#say(candidate, outcome, tries, decision.action);
      this.#deps.passedOver.note(outcome.provider, candidate.slot.reasonFor(outcome.kind));
      if (decision.action === 'cool-down') circuit.coolDown(outcome.kind, decision.ms);
      if (decision.action !== 'wait' || (hasFallback && circuit.restMs > 0)) {
        this.#errors.push(outcome);
        return undefined;
      }
      await sleep(clock, decision.ms, this.#options.signal);
      this.#options.signal.throwIfAborted();
    }
  }

  #say({ slot }: Candidate, { kind, status, message }: ProviderError, tries: number, next: string): void {
    this.#deps.logger.warn({ provider: slot.grant.name, kind, status, tries, next }, message);
  }

  /** A key that was exchanged while the call was under way: the provider is asked once more, with the new one. */
  #hasNewKey(candidate: Candidate, { kind }: ProviderError): boolean {
    const { slot } = candidate;
    const current = kind === 'unauthorized' ? this.#deps.current?.(slot.grant.name) : undefined;
    if (!current || current === slot || current.grant.apiKey === slot.grant.apiKey) return false;
    candidate.slot = current;
    return circuitOf(candidate).restMs === 0;
  }

  /** A deadline that passed in our own queue. */
  #noPlace: ProviderError | undefined;

  async #askOnce(candidate: Candidate): Promise<Completion | ProviderError> {
    const { slot } = candidate;
    const remainingMs = Math.max(0, this.#remainingMs);
    const share = this.#readyBeside(candidate) ? remainingMs * SHARE_WITH_FALLBACK : remainingMs;
    const release = await this.#placeAt(slot, share);
    if (!release) {
      this.#noPlace = noPlaceError(slot.grant.name, share);
      return this.#noPlace;
    }
    const totalMs = Math.min(share, Math.max(0, this.#remainingMs), slot.tryMs ?? Number.POSITIVE_INFINITY);
    const { firstTokenMs } = slot;
    const watchdog = new Watchdog({
      clock: this.#deps.clock,
      parent: this.#options.signal,
      totalMs,
      firstMs: firstTokenMs,
      idleMs: IDLE_MS,
      reasonFor: (limit) =>
        timeoutError(slot.grant.name, { total: totalMs, first: firstTokenMs, idle: IDLE_MS }, limit),
    });
    try {
      return await this.#askWatched(candidate, watchdog);
    } finally {
      watchdog.stop();
      release();
    }
  }

  /** Waits for a place within the provider's limits, but not beyond the time that the try has. */
  async #placeAt(slot: ProviderSlot, withinMs: number): Promise<(() => void) | undefined> {
    const { clock } = this.#deps;
    const ending = new AbortController();
    const timer = clock.setTimeout(() => ending.abort(), withinMs);
    const release = await slot.limiter.acquire(AbortSignal.any([this.#options.signal, ending.signal]));
    clock.clearTimeout(timer);
    if (this.#options.signal.aborted) release?.();
    this.#options.signal.throwIfAborted();
    return release;
  }

  async #askWatched(candidate: Candidate, watchdog: Watchdog): Promise<Completion | ProviderError> {
    const { slot, model } = candidate;
    const { name } = slot.grant;
    const received = { began: false, length: 0 };
    let watch: TryWatch | undefined;
    try {
      watchdog.signal.throwIfAborted();
      if (this.#options.mayTry?.() === false) throw new CallHeldBack(this.#spent);
      this.#options.onStart?.({ provider: name, model: model ?? slot.provider.model });
      watch = this.#watch(candidate);
      const options = this.#callOptions(watchdog, received, model, watch);
      const completion = await slot.provider.complete(this.#request, options);
      // Booked before anybody is told: without a listener the arguments of an optional call are not even looked at.
      const spent = this.#book(candidate, completion.spent);
      watch?.answered(completion, spent);
      return completion;
    } catch (error) {
      if (this.#options.signal.aborted) watch?.failed('cancelled', 'the call was cancelled', NOTHING);
      this.#options.signal.throwIfAborted();
      if (error instanceof CallHeldBack) throw error;
      const failure = asProviderError(error, name);
      const spent = this.#book(candidate, failure.spent.calls > 0 ? failure.spent : this.#estimate(failure, received));
      watch?.failed(failure.kind, failure.message, spent);
      return failure;
    }
  }

  #watch({ slot, model = slot.provider.model }: Candidate): TryWatch | undefined {
    const { origin } = this.#options;
    return this.#deps.observer?.begin({ grant: slot.grant, model, request: this.#request, origin });
  }

  #callOptions(watchdog: Watchdog, received: Received, model: string | undefined, watch: TryWatch | undefined) {
    const { onDelta } = this.#options;
    return {
      signal: watchdog.signal,
      onSent: () => {
        received.began = true;
        watch?.sent();
      },
      onActivity: (characters = 0) => {
        received.length += characters;
        watchdog.touch();
        watch?.progressed();
      },
      onDelta: (text: string) => {
        received.length += text.length;
        watch?.progressed();
        onDelta?.(text);
      },
      ...(model === undefined ? {} : { model }),
    };
  }

  /** A call that timed out was sent, and what it had produced is paid for. */
  #estimate({ kind }: ProviderError, { began, length }: Received): Spend {
    if (!began || (kind !== 'timeout' && length === 0)) return NOTHING;
    return estimatedCall(this.#request, length);
  }

  /** @returns what was spent, with its price. */
  #book({ slot, model }: Candidate, spent: Spend): Spend {
    const priced = slot.priced(spent, model);
    this.#spent = addSpend(this.#spent, priced);
    return priced;
  }
}

const circuitOf = ({ slot, model }: Candidate): ModelCircuit => slot.circuitOf(model);
