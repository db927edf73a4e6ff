import type { Difference } from './run/compare.ts';

/** A difference that is wanted, and why. One that no longer occurs fails the suite too: then its line here is out of date. */
export interface KnownDifference {
  /** Name of the case, or a pattern for several. */
  case: string | RegExp;
  /** Where the outcomes differ: `<step>.<path>`. */
  at: RegExp;
  reason: string;
}

export const KNOWN_DIFFERENCES: KnownDifference[] = [];

/** The entry that covers a difference, if any. */
export function knownDifference(name: string, { at }: Difference): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (known) => (typeof known.case === 'string' ? known.case === name : known.case.test(name)) && known.at.test(at),
  );
}
