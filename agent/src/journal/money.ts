/** Money is counted in whole micro-dollars: decimal strings on the wire have six decimals, and integers add without rounding. */

const MICRO = 1_000_000;

/** A decimal string with up to six decimals, as micro-dollars. */
export function toMicroUSD(dollars: string): number {
  const [whole = '0', fraction = ''] = dollars.split('.');
  return Number(whole) * MICRO + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** Micro-dollars as a decimal string without needless zeros. */
export function fromMicroUSD(micro: number): string {
  const fraction = String(micro % MICRO)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const whole = Math.floor(micro / MICRO);
  return fraction === '' ? String(whole) : `${whole}.${fraction}`;
}
