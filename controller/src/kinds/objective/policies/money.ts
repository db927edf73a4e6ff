/** Decimal dollars as in the API, as whole millionths. Total: what is no amount is undefined. */
export function microDollars(amount: string | undefined): bigint | undefined {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(amount ?? '');
  if (!match) return undefined;
  return BigInt(match[1] ?? '0') * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0'));
}

/** The inverse, without trailing zeros. */
export function dollars(micros: bigint): string {
  const fraction = (micros % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  const whole = (micros / 1_000_000n).toString();
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
