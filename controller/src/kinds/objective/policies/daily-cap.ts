import type { ObjectiveStatus, ProviderChain } from '@dark-carnival/crds';
import type { ProviderFacts, Snapshot, WagonFacts } from '../snapshot.ts';

/** Reason of a provider whose limits.maxCostUSDPerDay is used up. */
export const DAILY_CAP_REACHED = 'DailyCapReached';

/** A chain without those whose daily cap is used up; the whole chain where nobody is left, since then nothing is assigned anyway. */
export function withoutCapped(chain: ProviderChain, providers: readonly ProviderFacts[]): ProviderChain {
  const capped = new Set(providers.filter(({ cappedUntil }) => cappedUntil !== undefined).map(({ name }) => name));
  const left = chain.providers.filter((name) => !capped.has(name));
  if (left.length === 0 || left.length === chain.providers.length) return chain;
  const { model, ...rest } = chain;
  const leftOut = chain.providers.flatMap((provider, at) =>
    capped.has(provider) ? [{ provider, reason: DAILY_CAP_REACHED, at }] : [],
  );
  // The model is the first provider's.
  const isFirst = model !== undefined && left[0] === chain.providers[0];
  return { ...rest, providers: left, leftOut, ...(isFirst ? { model } : {}) };
}

/**
 * Whether this pass has added to what a provider with a daily cap took: then it is written before anything is assigned, since the facts of the pass do not know of it yet.
 */
export function isSpendingNews(
  { objective, providers }: Pick<Snapshot, 'objective' | 'providers'>,
  { spentToday }: ObjectiveStatus,
): boolean {
  const before = objective.status.spentToday;
  const amountOf = (spent: ObjectiveStatus['spentToday'], name: string) =>
    spent?.providers.find(({ provider }) => provider === name)?.costUSD;
  return providers.some(
    ({ name, hasDailyCap }) =>
      hasDailyCap && (before?.day !== spentToday?.day || amountOf(before, name) !== amountOf(spentToday, name)),
  );
}

/** What a wagon reaches, as far as the caps let it be asked. */
export function healthWithCaps(
  { health, unwell }: Pick<WagonFacts, 'health' | 'unwell'>,
  providers: readonly ProviderFacts[],
): Pick<WagonFacts, 'health' | 'unwell'> {
  const capped = providers.filter(({ cappedUntil }) => cappedUntil !== undefined);
  if (capped.length === 0) return { health, ...(unwell ? { unwell } : {}) };
  return {
    health: new Map([...health, ...capped.map(({ name }) => [name, 'False'] as const)]),
    unwell: new Map([
      ...(unwell ?? []),
      ...capped.map(({ name, cappedUntil }) => [name, `${DAILY_CAP_REACHED} until ${cappedUntil}`] as const),
    ]),
  };
}
