/** Costs and sizes are unsigned 64-bit numbers, as in kube-apiserver; sums and products that leave the range stay at its end. */
export const UNKNOWN = 2n ** 64n - 1n;

const within = (value: bigint): bigint => (value > UNKNOWN ? UNKNOWN : value);

export const add = (...values: readonly bigint[]): bigint => within(values.reduce((sum, value) => sum + value, 0n));

export const times = (a: bigint, b: bigint): bigint => within(a * b);

export const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

export const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** The product with a fraction, rounded up. It is computed in doubles: the figures have to be those of kube-apiserver to the last digit. */
export function scaled(value: bigint, factor: number): bigint {
  const product = Math.ceil(Number(value) * factor);
  return product >= 2 ** 64 ? UNKNOWN : BigInt(product);
}
