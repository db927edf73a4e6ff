import { dollars, microDollars } from '@dark-carnival/crds';

/** The journal counts money in SQLite's integers: whole micro-dollars, exact up to nine billion dollars. */

/** A decimal string with up to six decimals, as micro-dollars; 0 for what is no amount. */
export const toMicroUSD = (amount: string): number => Number(microDollars(amount) ?? 0n);

/** Micro-dollars as a decimal string. */
export const fromMicroUSD = (micro: number): string => dollars(BigInt(micro));
