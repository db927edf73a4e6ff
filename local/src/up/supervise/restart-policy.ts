/** How long to wait before a child that ended is started again. Pure: the clock is the caller's. */

/** Ends in a row, without a healthy run between them. */
export interface RestartHistory {
  failures: number;
}

export const FRESH: RestartHistory = { failures: 0 };

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
/** A child that was well for this long starts with a clean slate (the kubelet waits ten minutes; a person at a terminal does not). */
const HEALTHY_MS = 60_000;

/**
 * A child ended by itself.
 * @param healthyMs how long it had been ready, 0 if it never was.
 * @returns the history from here on, and the wait: 1 s, doubled with each failure in a row, at most 60 s.
 */
export function afterExit(
  { failures }: RestartHistory,
  healthyMs: number,
): { history: RestartHistory; delayMs: number } {
  const before = healthyMs >= HEALTHY_MS ? 0 : failures;
  const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(before, 10));
  return { history: { failures: before + 1 }, delayMs };
}
