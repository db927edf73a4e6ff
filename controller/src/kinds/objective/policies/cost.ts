import { costOfTokens, type KnownPrices, type ProviderChain, pricesOf, REHEARSAL_NAME } from '@dark-carnival/crds';
import type { ProviderFacts } from '../snapshot.ts';

type Chain = Pick<ProviderChain, 'providers' | 'model'>;
interface Tokens {
  input: number;
  output: number;
}

/** What tokens may cost with a chain, whoever of it answers. */
export interface ChainCost {
  /** Millionths of a dollar with the dearest one; undefined where `unpriced` names somebody. */
  microUSD: bigint | undefined;
  /** Those whose price nobody knows. */
  unpriced: string[];
  /** Day of the catalogue, where a price is from there. */
  asOf: string | undefined;
}

/** The highest cost of a chain; unknown as soon as one has no prices. */
export function highestCost(chain: Chain, providers: readonly ProviderFacts[], tokens: Tokens): ChainCost {
  const known = chain.providers.map((name) => ({ name, prices: pricesIn(chain, name, providers) }));
  const unpriced = known.filter(({ prices }) => prices === undefined).map(({ name }) => name);
  const priced = known.flatMap(({ prices }) => prices ?? []);
  const microUSD = unpriced.length > 0 ? undefined : largest(priced.map((prices) => costOf(prices, tokens)));
  return { microUSD, unpriced, asOf: priced.find(({ asOf }) => asOf !== undefined)?.asOf };
}

/** The most that a wagon can book for tokens: by the dearest provider that has prices; 0 where none has any, since nothing is booked then. */
export function bookableCost(chain: Chain, providers: readonly ProviderFacts[], tokens: Tokens): bigint {
  const priced = chain.providers.flatMap((name) => pricesIn(chain, name, providers) ?? []);
  return largest(priced.map((prices) => costOf(prices, tokens))) ?? 0n;
}

/** The same prices that the wagon books by: the chain's model is the first provider's. */
function pricesIn(
  { providers: names, model }: Chain,
  name: string,
  providers: readonly ProviderFacts[],
): KnownPrices | undefined {
  if (name === REHEARSAL_NAME) return pricesOf({ type: 'Rehearsal' });
  const provider = providers.find((each) => each.name === name);
  if (!provider) return undefined;
  return pricesOf(provider, name === names[0] && model !== undefined ? model : provider.model);
}

const costOf = (prices: KnownPrices, { input, output }: Tokens): bigint =>
  costOfTokens({ inputTokens: input, outputTokens: output }, prices);

const largest = (amounts: readonly bigint[]): bigint | undefined =>
  amounts.length === 0 ? undefined : amounts.reduce((a, b) => (a > b ? a : b));
