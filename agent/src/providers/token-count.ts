import type { TokenCount } from './provider.ts';

/** No model reads or writes more in one call: the largest context windows of 2026 hold ten million tokens. */
const MOST_TOKENS = 10_000_000;

/** Whether a provider's number can be a count of tokens. Servers were seen that send strings, negative numbers and milliseconds. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MOST_TOKENS;

/** A count that is there and can be one; else 0. */
export const countOr0 = (value: unknown): number => (isCount(value) ? value : 0);

/**
 * Usage as a provider told it, if it can be true: every question has a token, and so has every answer that is not empty. Budgets hang on it,
 * so what cannot be true is estimated instead.
 */
export function plausible(input: unknown, output: unknown, text: string): TokenCount | undefined {
  if (!isCount(input) || !isCount(output) || input === 0 || (output === 0 && text !== '')) return undefined;
  return { inputTokens: input, outputTokens: output };
}
