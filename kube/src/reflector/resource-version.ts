/**
 * Compares resourceVersions as the integers that they are (comparable since KEP-5504): negative when `a` is older. As text, not as numbers: they
 * are 64 bits wide, and this runs once per event.
 * @returns undefined when either is no integer: then nothing can be said.
 */
export function compareResourceVersions(a: string | undefined, b: string | undefined): number | undefined {
  if (a === undefined || b === undefined || !isInteger(a) || !isInteger(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Decimal, without leading zeros: then longer means larger. */
function isInteger(version: string): boolean {
  return /^(0|[1-9]\d*)$/.test(version);
}
