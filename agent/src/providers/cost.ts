import { costOfTokens, dollars, microDollars, type ProviderGrant } from '@dark-carnival/crds';
import type { ProviderCost, Spend, TokenCount } from './provider.ts';

type Prices = NonNullable<ProviderGrant['prices']>;

/** What tokens cost at given prices (dollars per million tokens), in decimal dollars, rounded up to a millionth. */
export const costUSD = (count: TokenCount, prices: Prices): string => dollars(costOfTokens(count, prices));

/** Adds up what several calls consumed. The cost is absent only where none of them has one. */
export function addSpend(left: Spend, right: Spend): Spend {
  const costs = [left.costUSD, right.costUSD].filter((cost) => cost !== undefined);
  const estimatedTokens = (left.estimatedTokens ?? 0) + (right.estimatedTokens ?? 0);
  const takenBy = mergeTaken([...(left.takenBy ?? []), ...(right.takenBy ?? [])]);
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    calls: left.calls + right.calls,
    ...(estimatedTokens > 0 ? { estimatedTokens } : {}),
    ...(costs.length > 0
      ? { costUSD: dollars(costs.reduce((sum, cost) => sum + (microDollars(cost) ?? 0n), 0n)) }
      : {}),
    ...(takenBy.length > 0 ? { takenBy } : {}),
  };
}

/** One entry for each provider, in the order in which they came. */
export function mergeTaken(taken: readonly ProviderCost[]): ProviderCost[] {
  const sums = new Map<string, bigint>();
  for (const { provider, costUSD } of taken)
    sums.set(provider, (sums.get(provider) ?? 0n) + (microDollars(costUSD) ?? 0n));
  return [...sums].map(([provider, micro]) => ({ provider, costUSD: dollars(micro) }));
}
