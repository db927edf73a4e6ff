/** Money is decimal dollars on the wire and in the API, with at most six decimals, and whole millionths where it is added up: sums of floats drift. */

const DECIMAL = /^(\d+)(?:\.(\d{1,6}))?$/;
const MILLION = 1_000_000n;

/** Decimal dollars as whole millionths. Total: what is no amount is undefined. */
export function microDollars(amount: string | undefined): bigint | undefined {
  const match = DECIMAL.exec(amount ?? '');
  return match ? BigInt(match[1] ?? '0') * MILLION + BigInt((match[2] ?? '').padEnd(6, '0')) : undefined;
}

/** The inverse, without needless zeros. @param micro not negative */
export function dollars(micro: bigint): string {
  const fraction = (micro % MILLION).toString().padStart(6, '0').replace(/0+$/, '');
  return `${micro / MILLION}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Millionths of a dollar that tokens cost at prices per million tokens, rounded up. A price that is no amount counts as 0. */
export function costOfTokens(
  { inputTokens, outputTokens }: { inputTokens: number; outputTokens: number },
  prices: { inputPerMillionTokens: string; outputPerMillionTokens: string },
): bigint {
  const input = BigInt(inputTokens) * (microDollars(prices.inputPerMillionTokens) ?? 0n);
  const output = BigInt(outputTokens) * (microDollars(prices.outputPerMillionTokens) ?? 0n);
  return (input + output + MILLION - 1n) / MILLION;
}
