import type { ProviderChain } from '@dark-carnival/crds';
import type { ProviderFacts, WagonFacts } from '../snapshot.ts';

/** Reason of a provider whose limits.maxCostUSDPerDay is used up. */
export const DAILY_CAP_REACHED = 'DailyCapReached';

/** A chain without those whose daily cap is used up; the whole chain where nobody is left, since then nothing is assigned anyway. */
export function withoutCapped(chain: ProviderChain, providers: readonly ProviderFacts[]): ProviderChain {
  const capped = new Set(providers.filter(({ cappedUntil }) => cappedUntil !== undefined).map(({ name }) => name));
  const left = chain.providers.filter((name) => !capped.has(name));
  if (left.length === 0 || left.length === chain.providers.length) return chain;
  const { model, ...rest } = chain;
  // The model is the first provider's.
  const isFirst = model !== undefined && left[0] === chain.providers[0];
  return { ...rest, providers: left, ...(isFirst ? { model } : {}) };
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
