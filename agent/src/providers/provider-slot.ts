import type { ProviderGrant, ProviderHealth } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { Circuit } from './circuit.ts';
import { addSpend, costUSD } from './cost.ts';
import { Limiter } from './limiter.ts';
import { HEALTH_REASONS } from './probe-model-list.ts';
import type { Provider, Spend } from './provider.ts';
import type { ProviderError } from './provider-error.ts';

const PROBE_TIMEOUT_MS = 10_000;

/** One granted provider with what was learned about it: it lives as long as its grant is unchanged. */
export class ProviderSlot {
  readonly grant: ProviderGrant;
  readonly provider: Provider;
  readonly circuit: Circuit;
  readonly limiter: Limiter;
  readonly #clock: Clock;
  #health: ProviderHealth;
  #probedAt = Number.NEGATIVE_INFINITY;

  constructor(grant: ProviderGrant, provider: Provider, clock: Clock) {
    this.grant = grant;
    this.provider = provider;
    this.#clock = clock;
    this.circuit = new Circuit(clock);
    this.limiter = new Limiter({ clock, ...grant.limits });
    this.#health =
      grant.type === 'Rehearsal' ? this.#healthOf('True', 'Rehearsal') : this.#healthOf('Unknown', 'NotProbed');
  }

  get health(): ProviderHealth {
    const { reason } = this.circuit;
    return reason === undefined ? this.#health : this.#healthOf('False', HEALTH_REASONS[reason]);
  }

  /** Whether the interval since the last probe has passed. */
  get isProbeDue(): boolean {
    return this.#clock.monotonic() - this.#probedAt >= this.grant.probeIntervalSeconds * 1000;
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
      if (health.healthy === 'True') this.circuit.recordProbe();
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  recordSuccess(): void {
    this.circuit.recordSuccess();
    if (this.grant.type !== 'Rehearsal') this.#health = this.#healthOf('True', 'Healthy');
  }

  recordFailure(error: ProviderError): void {
    this.circuit.recordFailure(error);
    const { reason } = this.circuit;
    if (reason !== undefined) this.#health = this.#healthOf('False', HEALTH_REASONS[reason]);
  }

  /** What was spent here, with its price. */
  priced(spent: Spend): Spend {
    const { prices } = this.grant;
    return prices
      ? addSpend(spent, { inputTokens: 0, outputTokens: 0, calls: 0, costUSD: costUSD(spent, prices) })
      : spent;
  }

  #healthOf(healthy: ProviderHealth['healthy'], reason: string): ProviderHealth {
    const { name, model } = this.provider;
    return { name, healthy, ...(model === '' ? {} : { model }), reason };
  }
}
