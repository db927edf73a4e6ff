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
  return formatMicroUSD(known.reduce((sum, amount) => sum + microUSD(amount), 0n));
}

/** What is left of an amount after others were taken; 0 where they are more. */
export function leftUSD(amount: string, taken: readonly (string | undefined)[]): string {
  const left = microUSD(amount) - microUSD(sumUSD(taken) ?? '0');
  return formatMicroUSD(left > 0n ? left : 0n);
}

/** Whether one amount is larger than another. */
export const isDearer = (amount: string, than: string): boolean => microUSD(amount) > microUSD(than);

/** Decimal dollars of the API as whole millionths; 0 where it is none. */
export function microUSD(amount: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(amount);
  return match ? BigInt(match[1] ?? '0') * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0')) : 0n;
}

/** The inverse, without needless zeros. */
export function formatMicroUSD(micro: bigint): string {
  const fraction = (micro % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  return `${micro / 1_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
}
