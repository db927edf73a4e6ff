import { dollars, microDollars } from '../money.ts';

interface Consumed {
  tokens: number;
  estimatedTokens?: number | undefined;
  costUSD?: string | undefined;
}

/** What something used, for people: `1,234 tokens, 0.002 USD`; `~1,234 tokens (200 estimated)` where no provider counted a part of it. */
export function consumedWords({ tokens, estimatedTokens = 0, costUSD }: Consumed): string {
  const estimate = estimatedTokens > 0 ? ` (${grouped(estimatedTokens)} estimated)` : '';
  return `${approximately({ tokens, estimatedTokens })} tokens${estimate}${costUSD === undefined ? '' : `, ${costUSD} USD`}`;
}

/** A count of tokens, marked where a part of it is an estimate. */
export const approximately = ({ tokens, estimatedTokens = 0 }: Omit<Consumed, 'costUSD'>): string =>
  `${estimatedTokens > 0 ? '~' : ''}${grouped(tokens)}`;

const grouped = (count: number): string => count.toLocaleString('en-US');

/** Sum of amounts in decimal dollars, exact to the millionth; undefined where none is known. */
export function sumUSD(amounts: readonly (string | undefined)[]): string | undefined {
  const known = amounts.filter((amount) => amount !== undefined);
  if (known.length === 0) return undefined;
  return dollars(known.reduce((sum, amount) => sum + micro(amount), 0n));
}

/** What is left of an amount after others were taken; 0 where they are more. */
export function leftUSD(amount: string, taken: readonly (string | undefined)[]): string {
  const left = micro(amount) - micro(sumUSD(taken) ?? '0');
  return dollars(left > 0n ? left : 0n);
}

/** Whether one amount is larger than another. */
export const isDearer = (amount: string, than: string): boolean => micro(amount) > micro(than);

const micro = (amount: string): bigint => microDollars(amount) ?? 0n;
