import { type Prices, type ProviderGrant, type ProviderHealth, pricesOf } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { isEndedByProbe } from './circuit.ts';
import { Circuits, type ModelCircuit } from './circuits.ts';
import { addSpend, costUSD } from './cost.ts';
import { FAMILIES } from './families.ts';
import { HEALTH_REASONS } from './health-reasons.ts';
import { missingModel } from './judge-model.ts';
import { Limiter } from './limiter.ts';
import type { Provider, Spend } from './provider.ts';
import type { ProviderError, ProviderErrorKind } from './provider-error.ts';

const PROBE_TIMEOUT_MS = 10_000;
/** One that is unwell is looked at sooner than its interval says, at first often: an Objective may wait for it. Longest time between two looks. */
const RECOVERY_PROBE_MS = 15_000;
const FIRST_RECOVERY_PROBE_MS = 5000;

/** One granted provider with what was learned about it: it lives as long as its grant is unchanged. */
export class ProviderSlot {
  readonly grant: ProviderGrant;
  readonly provider: Provider;
  readonly limiter: Limiter;
  readonly #circuits: Circuits;
  readonly #clock: Clock;
  #health: ProviderHealth;
  #probedAt = Number.NEGATIVE_INFINITY;
  /** Probes in a row that found it unwell. */
  #unwellProbes = 0;

  constructor(grant: ProviderGrant, provider: Provider, clock: Clock) {
    this.grant = grant;
    this.provider = provider;
    this.#clock = clock;
    this.#circuits = new Circuits(clock);
    this.limiter = new Limiter({ clock, ...grant.limits });
    const isRehearsal = grant.type === 'Rehearsal';
    this.#health = {
      name: grant.name,
      healthy: isRehearsal ? 'True' : 'Unknown',
      reason: isRehearsal ? 'Rehearsal' : 'NotProbed',
    };
  }

  get health(): ProviderHealth {
    const { reason } = this.circuitOf(undefined);
    const { capabilities, model } = this.provider;
    return {
      ...this.#health,
      ...(reason === undefined ? {} : this.#unwell(reason)),
      ...(model === '' ? {} : { model }),
      ...(capabilities.length === 0 ? {} : { capabilities: [...capabilities] }),
    };
  }

  /** Whether a model may be called now. @param model Absent: the provider's own. */
  circuitOf(model: string | undefined): ModelCircuit {
    return this.#circuits.of(model ?? this.provider.model);
  }

  /** A kind of failure as health and status name it. A key that is not there is not the same as one that is refused. */
  reasonFor(kind: ProviderErrorKind): string {
    const { type, apiKey } = this.grant;
    const lacksKey = type !== 'Rehearsal' && FAMILIES[type].needsKey && apiKey === undefined;
    return kind === 'unauthorized' && lacksKey ? 'NoCredentials' : HEALTH_REASONS[kind];
  }

  /** Milliseconds that a try may take until its first sign of life. */
  get firstTokenMs(): number {
    const { type, limits } = this.grant;
    const usual = type === 'Rehearsal' ? 120 : FAMILIES[type].firstTokenSeconds;
    return (limits?.firstTokenSeconds ?? usual) * 1000;
  }

  /** Milliseconds that one try may take at most; absent: as long as the call may. */
  get tryMs(): number | undefined {
    const seconds = this.grant.limits?.tryTimeoutSeconds;
    return seconds === undefined ? undefined : seconds * 1000;
  }

  /** Whether it is time to probe: the interval has passed, or it is unwell and may be well again. */
  get isProbeDue(): boolean {
    const sinceMs = this.#clock.monotonic() - this.#probedAt;
    const intervalMs = this.grant.probeIntervalSeconds * 1000;
    if (sinceMs >= intervalMs) return true;
    if (this.health.healthy !== 'False' || this.#mustRest) return false;
    return sinceMs >= Math.min(RECOVERY_PROBE_MS, FIRST_RECOVERY_PROBE_MS * 2 ** this.#unwellProbes);
  }

  /** Whoever asked to be left alone is left alone, and what only a person can mend is not looked at all the time. */
  get #mustRest(): boolean {
    const circuit = this.circuitOf(undefined);
    // A list of models is served to an empty purse too.
    if (this.health.reason === HEALTH_REASONS.quota) return true;
    return circuit.restMs > 0 && !isEndedByProbe(circuit.reason);
  }

  async probe(signal: AbortSignal): Promise<void> {
    this.#probedAt = this.#clock.monotonic();
    const timeout = new AbortController();
    const timer = this.#clock.setTimeout(() => timeout.abort(), PROBE_TIMEOUT_MS);
    try {
      const health = await this.provider.probe(AbortSignal.any([signal, timeout.signal]));
      // A probe that the wagon itself cut short says nothing about the provider.
      if (signal.aborted) return;
      this.#health = health;
      this.#unwellProbes = health.healthy === 'False' ? Math.min(10, this.#unwellProbes + 1) : 0;
      if (health.healthy === 'True') this.#circuits.recordProbe();
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  recordSuccess(model: string | undefined): void {
    this.circuitOf(model).recordSuccess();
    if (this.grant.type === 'Rehearsal' || this.#health.healthy === 'True') return;
    // Another model's answer proves the place and the key, not the own model.
    if (this.#isOwn(model)) this.#health = { ...this.#listed(), healthy: 'True', reason: 'Healthy' };
  }

  recordFailure(error: ProviderError, model: string | undefined): void {
    this.circuitOf(model).recordFailure(error);
    const { reason } = this.circuitOf(undefined);
    if (reason !== undefined) this.#health = { ...this.#listed(), ...this.#unwell(reason) };
  }

  /** What tokens cost here. @param model Absent: the provider's own. */
  pricesFor(model: string | undefined): Prices | undefined {
    return pricesOf(this.grant, this.#isOwn(model) ? this.grant.model : model);
  }

  /** What was spent here, with its price. */
  priced(spent: Spend, model: string | undefined): Spend {
    const prices = this.pricesFor(model);
    // An error that used nothing says nothing of the price of what others answered.
    if (!prices || spent.inputTokens + spent.outputTokens === 0) return spent;
    const cost = costUSD(spent, prices);
    const takenBy = cost === '0' ? [] : [{ provider: this.grant.name, costUSD: cost }];
    return addSpend(spent, { inputTokens: 0, outputTokens: 0, calls: 0, costUSD: cost, takenBy });
  }

  #isOwn(model: string | undefined): boolean {
    return model === undefined || model === this.provider.model;
  }

  /** What the last list said outlives a call that failed. */
  #listed(): Pick<ProviderHealth, 'name' | 'models' | 'ends' | 'replacement'> {
    const { models, ends, replacement } = this.#health;
    return {
      name: this.grant.name,
      ...(models === undefined ? {} : { models }),
      ...(ends === undefined ? {} : { ends }),
      ...(replacement === undefined ? {} : { replacement }),
    };
  }

  #unwell(kind: ProviderErrorKind): Pick<ProviderHealth, 'healthy' | 'reason'> {
    if (kind === 'not-found') return missingModel({ ...this.grant, model: this.provider.model }, this.#clock.now());
    return { healthy: 'False', reason: this.reasonFor(kind) };
  }
}
