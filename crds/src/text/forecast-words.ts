import { isDearer, leftUSD } from './consumption.ts';

interface Forecast {
  tokens: number;
  costUSD?: string | undefined;
  unpriced?: readonly string[] | undefined;
  pricesAsOf?: string | undefined;
}
interface Budget {
  maxTokens?: number | undefined;
  maxCostUSD?: string | undefined;
}
interface Used {
  totalTokens: number;
  unsettled: number;
  costUSD?: string | undefined;
  unsettledCostUSD?: string | undefined;
}

/** What is left of a budget; a member is absent where there is no such limit. */
export function budgetLeft(budget: Budget | undefined, used: Used | undefined): { tokens?: number; costUSD?: string } {
  const { maxTokens, maxCostUSD } = budget ?? {};
  const tokens = maxTokens === undefined ? undefined : maxTokens - (used ? used.totalTokens + used.unsettled : 0);
  return {
    ...(tokens === undefined ? {} : { tokens: Math.max(0, tokens) }),
    ...(maxCostUSD === undefined ? {} : { costUSD: leftUSD(maxCostUSD, [used?.costUSD, used?.unsettledCostUSD]) }),
  };
}

/** A forecast beside the budget, for whoever decides. */
export interface ForecastWords {
  /** What the tasks may use at most, and whose price is not known. */
  forecast: string;
  /** What is left of the budget; absent where there is none. */
  left?: string;
  /** That the tasks may need more than is left; absent where they do not. */
  warning?: string;
}

export function forecastWords(forecast: Forecast, budget: Budget | undefined, used: Used | undefined): ForecastWords {
  const { tokens, costUSD, unpriced = [], pricesAsOf } = forecast;
  const asOf = pricesAsOf === undefined ? '' : ` (list prices of ${pricesAsOf})`;
  const price = costUSD === undefined ? unknown(unpriced) : `, ${costUSD} USD${asOf}`;
  const left = budgetLeft(budget, used);
  const parts = [
    ...(left.tokens === undefined ? [] : [`${grouped(left.tokens)} tokens`]),
    ...(left.costUSD === undefined ? [] : [`${left.costUSD} USD`]),
  ];
  const warning = warningOf(forecast, left);
  return {
    forecast: `at most ${grouped(tokens)} tokens${price}`,
    ...(parts.length === 0 ? {} : { left: `${parts.join(', ')} of the budget` }),
    ...(warning === undefined ? {} : { warning }),
  };
}

const unknown = (names: readonly string[]) =>
  names.length === 0 ? '; price unknown' : `; price unknown for ${names.join(', ')}`;

function warningOf(
  { tokens, costUSD, unpriced = [] }: Forecast,
  left: ReturnType<typeof budgetLeft>,
): string | undefined {
  const over = [
    ...(left.tokens !== undefined && tokens > left.tokens ? ['tokens'] : []),
    ...(left.costUSD !== undefined && costUSD !== undefined && isDearer(costUSD, left.costUSD) ? ['money'] : []),
  ];
  if (over.length > 0) {
    return `the tasks may need more ${over.join(' and ')} than is left: then the run ends with BudgetExhausted and keeps what is done`;
  }
  if (left.costUSD === undefined || unpriced.length === 0) return undefined;
  return `maxCostUSD does not bound what ${unpriced.join(', ')} costs: set spec.prices there`;
}

const grouped = (count: number): string => count.toLocaleString('en-US');
