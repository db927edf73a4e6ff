import type { Json } from '../case.ts';

/** A place at which the two engines differ. */
export interface Difference {
  /** `<step>.<path into its outcome>`, such as `2.body.message`. */
  at: string;
  real: string;
  local: string;
}

const shown = (value: Json | undefined) => (value === undefined ? '(absent)' : JSON.stringify(value));
const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function walk(real: Json | undefined, local: Json | undefined, at: string, found: Difference[]): void {
  if (JSON.stringify(real) === JSON.stringify(local)) return;
  if (Array.isArray(real) && Array.isArray(local)) {
    for (let i = 0; i < Math.max(real.length, local.length); i++) walk(real[i], local[i], `${at}.${i}`, found);
  } else if (isObject(real) && isObject(local)) {
    for (const key of new Set([...Object.keys(real), ...Object.keys(local)]))
      walk(real[key], local[key], `${at}.${key}`, found);
  } else found.push({ at, real: shown(real), local: shown(local) });
}

/** Every place at which the outcomes differ, the order of members aside. */
export function compare(real: Json[], local: Json[]): Difference[] {
  const found: Difference[] = [];
  for (let i = 0; i < Math.max(real.length, local.length); i++) walk(real[i], local[i], String(i), found);
  return found;
}
