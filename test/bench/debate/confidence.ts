import { mean } from './compare.ts';

const RESAMPLES = 10_000;

/** The 95 % interval of the mean, by resampling the values with a fixed seed (percentile bootstrap): the same values give the same interval. */
export function interval(values: readonly number[]): [low: number, high: number] {
  const random = seeded(1);
  const means = Array.from({ length: RESAMPLES }, () =>
    mean(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  ).sort((left, right) => left - right);
  return [means[Math.floor(RESAMPLES * 0.025)] ?? Number.NaN, means[Math.floor(RESAMPLES * 0.975)] ?? Number.NaN];
}

/** mulberry32: small, and good enough to draw with. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
