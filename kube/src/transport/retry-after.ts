/** Longest wait that a server may ask of us, in seconds; more is a mistake or an attack. */
const MAX_RETRY_AFTER_SECONDS = 120;

/**
 * Seconds of a Retry-After header: a number, or an HTTP date against `nowMs`.
 * @returns 0 to 120, or undefined where there is none that makes sense.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text), MAX_RETRY_AFTER_SECONDS);
  // Date.parse reads nearly anything, "-1" as a year too: an HTTP date begins with its weekday.
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  return Math.min(Math.max(0, (at - nowMs) / 1000), MAX_RETRY_AFTER_SECONDS);
}
