import type { Clock } from '@dark-carnival/crds/clock';
import { Circuit } from './circuit.ts';
import type { ProviderError, ProviderErrorKind } from './provider-error.ts';

/** What is true of a provider whatever model is asked for: its key, its purse, its place. Load, limits and retirement are a model's own. */
const OF_THE_PROVIDER: ReadonlySet<ProviderErrorKind> = new Set(['unauthorized', 'quota', 'unreachable']);

/** Models that a provider is asked for are few; chains that name others without end must not fill the memory. */
const MAX_MODELS = 64;

/** Whether one model of one provider may be called now. */
export interface ModelCircuit {
  /** Milliseconds until it may be called; 0 when it may. */
  readonly restMs: number;
  /** Why it may not be called; absent when it may. */
  readonly reason: ProviderErrorKind | undefined;
  readonly isWorthWaiting: boolean;
  recordSuccess(): void;
  recordFailure(error: ProviderError): void;
  coolDown(kind: ProviderErrorKind, ms: number): void;
}

/** The circuits of one provider: one for itself, and one for each model that is asked of it. */
export class Circuits {
  readonly #clock: Clock;
  readonly #provider: Circuit;
  readonly #models = new Map<string, Circuit>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#provider = new Circuit(clock);
  }

  of(model: string): ModelCircuit {
    const provider = this.#provider;
    const own = this.#circuitOf(model);
    const longer = () => (provider.restMs >= own.restMs ? provider : own);
    const forKind = (kind: ProviderErrorKind) => (OF_THE_PROVIDER.has(kind) ? provider : own);
    return {
      get restMs() {
        return longer().restMs;
      },
      get reason() {
        return longer().reason;
      },
      get isWorthWaiting() {
        return provider.isWorthWaiting && own.isWorthWaiting;
      },
      recordSuccess: () => {
        provider.recordSuccess();
        own.recordSuccess();
      },
      recordFailure: (error) => forKind(error.kind).recordFailure(error),
      coolDown: (kind, ms) => forKind(kind).coolDown(kind, ms),
    };
  }

  /** A probe went well. */
  recordProbe(): void {
    this.#provider.recordProbe();
    for (const circuit of this.#models.values()) circuit.recordProbe();
  }

  #circuitOf(model: string): Circuit {
    const known = this.#models.get(model);
    if (known) return known;
    if (this.#models.size >= MAX_MODELS) this.#models.clear();
    const circuit = new Circuit(this.#clock);
    this.#models.set(model, circuit);
    return circuit;
  }
}
