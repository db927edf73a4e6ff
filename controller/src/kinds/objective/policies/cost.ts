import type { ProviderFacts } from '../snapshot.ts';
import { microDollars } from './money.ts';

interface Chain {
  providers: readonly string[];
}
interface Tokens {
  input: number;
  output: number;
}

/** Cost in millionths of a dollar with the dearest provider of the chain; unknown as soon as one has no prices. */
export function highestCost(chain: Chain, providers: readonly ProviderFacts[], tokens: Tokens): bigint | undefined {
  const costs = chain.providers.map((name) => costWith(name, providers, tokens));
  const known = costs.filter((cost) => cost !== undefined);
  return known.length < costs.length ? undefined : largest(known);
}

/** The most that a wagon can book for tokens: by the dearest provider that has prices; 0 where none has any, since nothing is booked then. */
export function bookableCost(chain: Chain, providers: readonly ProviderFacts[], tokens: Tokens): bigint {
  return largest(chain.providers.map((name) => costWith(name, providers, tokens) ?? 0n)) ?? 0n;
}

function costWith(name: string, providers: readonly ProviderFacts[], { input, output }: Tokens): bigint | undefined {
  const prices = providers.find((provider) => provider.name === name)?.prices;
  const inputPrice = microDollars(prices?.inputPerMillionTokens);
  const outputPrice = microDollars(prices?.outputPerMillionTokens);
  if (inputPrice === undefined || outputPrice === undefined) return undefined;
  return (BigInt(input) * inputPrice + BigInt(output) * outputPrice + 999_999n) / 1_000_000n;
}

const largest = (amounts: readonly bigint[]): bigint | undefined =>
  amounts.length === 0 ? undefined : amounts.reduce((a, b) => (a > b ? a : b));
