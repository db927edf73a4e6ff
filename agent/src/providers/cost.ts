import type { ProviderGrant } from '@dark-carnival/crds';
import type { ProviderCost, Spend, TokenCount } from './provider.ts';

type Prices = NonNullable<ProviderGrant['prices']>;

const DECIMAL = /^(\d+)(?:\.(\d{1,6}))?$/;
const MICRO = 1_000_000n;

/** Millionths of a dollar in a decimal string; 0 where it is not one. Integers, since sums of floats drift. */
export function microUSD(decimal: string): bigint {
  const match = DECIMAL.exec(decimal);
  if (!match) return 0n;
  return BigInt(match[1] ?? '0') * MICRO + BigInt((match[2] ?? '').padEnd(6, '0'));
}

/** A decimal string of dollars with as many decimals as are needed, at most six. */
export function formatUSD(micro: bigint): string {
  const fraction = (micro % MICRO).toString().padStart(6, '0').replace(/0+$/, '');
  return `${micro / MICRO}${fraction === '' ? '' : `.${fraction}`}`;
}

/** What tokens cost at given prices (dollars per million tokens), rounded up to a millionth of a dollar. */
export function costUSD({ inputTokens, outputTokens }: TokenCount, prices: Prices): string {
  const picodollars =
    BigInt(inputTokens) * microUSD(prices.inputPerMillionTokens) +
    BigInt(outputTokens) * microUSD(prices.outputPerMillionTokens);
  return formatUSD((picodollars + MICRO - 1n) / MICRO);
}

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
    ...(costs.length > 0 ? { costUSD: formatUSD(costs.reduce((sum, cost) => sum + microUSD(cost), 0n)) } : {}),
    ...(takenBy.length > 0 ? { takenBy } : {}),
  };
}

/** One entry for each provider, in the order in which they came. */
export function mergeTaken(taken: readonly ProviderCost[]): ProviderCost[] {
  const sums = new Map<string, bigint>();
  for (const { provider, costUSD } of taken) sums.set(provider, (sums.get(provider) ?? 0n) + microUSD(costUSD));
  return [...sums].map(([provider, micro]) => ({ provider, costUSD: formatUSD(micro) }));
}
