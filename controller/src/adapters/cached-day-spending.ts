import { dollars, MODEL_PROVIDERS, type ModelProvider, microDollars, type Objective } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { KubeClient, Reflector } from '@dark-carnival/kube';
import { type DaySpending, dayOf, type ReachedCap, type SpentToday } from '../ports/day-spending.ts';
import { patchStatus } from '../runtime/status-patch.ts';

const DAY_MS = 86_400_000;
/** Objectives that were carried last: what is deleted at the same time is a handful. */
const MAX_CARRIED = 64;

interface Part {
  namespace: string;
  day: string;
  providers: ReadonlyMap<string, bigint>;
}

interface CachedDaySpendingDeps {
  objectives: Pick<Reflector<Objective>, 'subscribe'>;
  providers: Pick<Reflector<ModelProvider>, 'store'>;
  /** Fenced: it writes only while this process leads. */
  client: KubeClient;
  clock: Clock;
}

/**
 * Sums up what the Objectives record (`status.spentToday`), as they change: nothing is written for it, and a restarted controller or another leader finds the same
 * sums. What an Objective has spent outlives it in `status.carriedToday` of the providers that have a cap (docs/decisions/0012).
 */
export class CachedDaySpending implements DaySpending {
  readonly #deps: CachedDaySpendingDeps;
  /** By uid. */
  readonly #parts = new Map<string, Part>();
  /** Micro-dollars by day, namespace and provider, of the days that some Objective still records. */
  readonly #sums = new Map<string, bigint>();
  readonly #listeners = new Set<(namespace: string, provider: string) => void>();

  constructor(deps: CachedDaySpendingDeps) {
    this.#deps = deps;
    deps.objectives.subscribe({
      onAdd: (object) => this.#take(object),
      onUpdate: (_, after) => this.#take(after),
      onDelete: ({ metadata }) => this.#replace(metadata.uid ?? '', undefined),
    });
  }

  reachedCap({ metadata, spec, status }: ModelProvider): ReachedCap | undefined {
    const cap = spec?.limits?.maxCostUSDPerDay;
    if (cap === undefined) return undefined;
    const nowMs = this.#deps.clock.now();
    const day = dayOf(nowMs);
    const { namespace = '', name } = metadata;
    const carried = status?.carriedToday?.day === day ? status.carriedToday : undefined;
    const live = this.#sums.get(keyOf(day, namespace, name)) ?? 0n;
    // One that is carried already, and not gone yet, is counted once.
    const twice = (carried?.objectives ?? []).reduce((sum, uid) => sum + this.#partOf(uid, day, name), 0n);
    const spent = live - twice + micro(carried?.costUSD ?? '0');
    if (spent < micro(cap)) return undefined;
    return { maxCostUSD: cap, resumesAt: `${dayOf(nowMs + DAY_MS)}T00:00:00Z` };
  }

  async carry({ metadata }: Objective, { day, providers }: SpentToday): Promise<void> {
    const { namespace = '', uid = '' } = metadata;
    if (day !== dayOf(this.#deps.clock.now())) return;
    for (const { provider, costUSD } of providers) {
      const object = this.#deps.providers.store.get(`${namespace}/${provider}`);
      if (object?.spec?.limits?.maxCostUSDPerDay === undefined) continue;
      const before = object.status?.carriedToday?.day === day ? object.status.carriedToday : undefined;
      if (before?.objectives.includes(uid)) continue;
      const carriedToday = {
        day,
        costUSD: dollars(micro(before?.costUSD ?? '0') + micro(costUSD)),
        objectives: [...(before?.objectives ?? []), uid].slice(-MAX_CARRIED),
      };
      const status = { ...object.status, carriedToday };
      await patchStatus(this.#deps.client, MODEL_PROVIDERS, object, status, { lock: 'Required' });
    }
  }

  heard(objective: Objective): void {
    this.#take(objective);
  }

  onChange(listener: (namespace: string, provider: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #partOf(uid: string, day: string, provider: string): bigint {
    const part = this.#parts.get(uid);
    return part?.day === day ? (part.providers.get(provider) ?? 0n) : 0n;
  }

  /** Total: it sees objects that nobody validated. */
  #take({ metadata, status }: Objective): void {
    const spent = status?.spentToday;
    if (metadata.uid === undefined) return;
    if (typeof spent?.day !== 'string' || !Array.isArray(spent.providers)) {
      this.#replace(metadata.uid, undefined);
      return;
    }
    const providers = new Map(spent.providers.map(({ provider, costUSD }) => [String(provider), micro(`${costUSD}`)]));
    this.#replace(metadata.uid, { namespace: metadata.namespace ?? '', day: spent.day, providers });
  }

  #replace(uid: string, part: Part | undefined): void {
    const changed = new Map<string, { namespace: string; provider: string }>();
    const add = ({ namespace, day, providers }: Part, sign: bigint) => {
      for (const [provider, amount] of providers) {
        const key = keyOf(day, namespace, provider);
        const sum = (this.#sums.get(key) ?? 0n) + sign * amount;
        if (sum > 0n) this.#sums.set(key, sum);
        else this.#sums.delete(key);
        changed.set(key, { namespace, provider });
      }
    };
    const before = this.#parts.get(uid);
    if (before) add(before, -1n);
    if (part) {
      add(part, 1n);
      this.#parts.set(uid, part);
    } else this.#parts.delete(uid);
    if (before && part && sameAmounts(before, part)) return;
    for (const { namespace, provider } of changed.values())
      for (const listener of this.#listeners) listener(namespace, provider);
  }
}

const micro = (amount: string): bigint => microDollars(amount) ?? 0n;
const keyOf = (day: string, namespace: string, provider: string): string => `${day} ${namespace}/${provider}`;

const sameAmounts = (a: Part, b: Part): boolean =>
  a.day === b.day &&
  a.providers.size === b.providers.size &&
  [...a.providers].every(([provider, amount]) => b.providers.get(provider) === amount);
