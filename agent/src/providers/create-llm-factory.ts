import {
  canonicalJson,
  costOfTokens,
  dollars,
  MAX_PROVIDERS,
  type ProviderChain,
  type ProviderGrant,
  type ProviderGrants,
  REHEARSAL_NAME,
} from '@dark-carnival/crds';
import { type Candidate, ChainCall } from './call-chain.ts';
import { createProvider, type ProviderDeps } from './create-provider.ts';
import { ConnectionPool } from './guarded-fetch.ts';
import type { ChainCallOptions, LLMFactory, LLMFactoryDeps } from './llm-factory.ts';
import { PassedOverBook } from './passed-over.ts';
import type { Completion, CompletionRequest } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { ProviderSlot } from './provider-slot.ts';
import { reserveCall } from './token-estimate.ts';

/** Makes the one place through which a wagon calls models. */
export function createLLMFactory(deps: LLMFactoryDeps): LLMFactory {
  return new Factory(deps);
}

const BUILT_IN: ProviderGrant = {
  name: REHEARSAL_NAME,
  type: 'Rehearsal',
  model: REHEARSAL_NAME,
  probeIntervalSeconds: 86_400,
};

class Factory implements LLMFactory {
  readonly #deps: LLMFactoryDeps;
  readonly #pool: ConnectionPool;
  #slots: Map<string, ProviderSlot>;
  #digest: string | undefined;

  constructor(deps: LLMFactoryDeps) {
    this.#deps = deps;
    this.#pool = new ConnectionPool({
      refusedHosts: deps.refusedHosts ?? [],
      ...(deps.addresses === undefined ? {} : { policy: deps.addresses }),
    });
    this.#slots = new Map([BUILT_IN, ...(deps.own ?? [])].map((grant) => [grant.name, this.#slotFor(grant)]));
  }

  get digest(): string | undefined {
    return this.#digest;
  }

  holds(name: string): boolean {
    return this.#slots.has(name);
  }

  setProviders({ providers, digest }: ProviderGrants): void {
    const { logger } = this.#deps;
    // The name is built in: nobody may pass a paid model off as the rehearsal, or the rehearsal off as a model.
    const granted = providers.filter(({ name, type }) => name !== REHEARSAL_NAME || type === 'Rehearsal');
    if (granted.length < providers.length) logger.warn({ provider: REHEARSAL_NAME }, 'The name rehearsal is built in');
    const named = [BUILT_IN, ...granted.filter(({ name }) => name !== REHEARSAL_NAME)];
    this.#slots = new Map(named.map((grant) => [grant.name, this.#kept(grant) ?? this.#slotFor(grant)]));
    this.#digest = digest;
    logger.info({ providers: named.map(({ name }) => name) }, 'Providers replaced');
  }

  async complete(chain: ProviderChain, request: CompletionRequest, options: ChainCallOptions): Promise<Completion> {
    const candidates = this.#candidates(chain);
    if (candidates.length === 0)
      throw new ProviderError('not-found', `this wagon was granted none of ${chain.providers.join(', ')}`, {
        provider: chain.providers[0] ?? '',
      });
    const current = (name: string) => this.#slots.get(name);
    const notGranted = chain.providers.filter((name) => !this.#slots.has(name));
    const passedOver = PassedOverBook.of(chain, notGranted);
    return new ChainCall(candidates, request, options, { ...this.#deps, current, passedOver }).run();
  }

  reservation(chain: ProviderChain, request: CompletionRequest): { tokens: number; costUSD?: string } {
    const count = reserveCall(request);
    // Whoever of the chain answers, it may not cost more than was reserved.
    const costs = this.#candidates(chain)
      .map(({ slot, model }) => slot.pricesFor(model))
      .filter((prices) => prices !== undefined)
      .map((prices) => costOfTokens(count, prices));
    // No Math.max: these are exact.
    const [most = 0n] = costs.sort((left, right) => (left < right ? 1 : -1));
    return {
      tokens: count.inputTokens + count.outputTokens,
      ...(costs.length > 0 ? { costUSD: dollars(most) } : {}),
    };
  }

  health() {
    return [...this.#slots.values()].slice(0, MAX_PROVIDERS).map((slot) => slot.health);
  }

  async probe({ signal, force = false }: { signal?: AbortSignal; force?: boolean } = {}): Promise<void> {
    const due = [...this.#slots.values()].filter((slot) => force || slot.isProbeDue);
    const ending = signal ?? new AbortController().signal;
    await Promise.all(due.map((slot) => slot.probe(ending)));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Names that are not granted are passed over: the chain is fleet-wide, the grants are per wagon. */
  #candidates(chain: ProviderChain): Candidate[] {
    return chain.providers.flatMap((name, index): Candidate[] => {
      const slot = this.#slots.get(name);
      if (!slot) return [];
      return [{ slot, ...(index === 0 && chain.model !== undefined ? { model: chain.model } : {}) }];
    });
  }

  /** What was learned about a provider outlives a grant that says the same again. */
  #kept(grant: ProviderGrant): ProviderSlot | undefined {
    const slot = this.#slots.get(grant.name);
    return slot && canonicalJson(slot.grant) === canonicalJson(grant) ? slot : undefined;
  }

  get #providerDeps(): ProviderDeps {
    const { clock, refusedHosts = [], rehearsalPieceMs } = this.#deps;
    return { pool: this.#pool, clock, refusedHosts, rehearsalPieceMs };
  }

  #slotFor(grant: ProviderGrant): ProviderSlot {
    return new ProviderSlot(grant, createProvider(grant, this.#providerDeps), this.#deps.clock);
  }
}
