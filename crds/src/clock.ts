/** A running timer: opaque, to be given back to the clock that made it. */
export type Timer = object;

/** Time as every process here sees it, so that tests and the fault simulator can own it. All units are milliseconds. */
export interface Clock {
  /** Wall clock, since the Unix epoch. It can jump: only for timestamps that people or other processes read. */
  now(): number;
  /** Monotonic clock from an arbitrary start: for every duration, deadline and lease. */
  monotonic(): number;
  /** Runs `run` once after `delayMs` (0 or more), unless cleared before. */
  setTimeout(run: () => void, delayMs: number): Timer;
  /** Forgets a timer; one that already ran is ignored. */
  clearTimeout(timer: Timer): void;
}

/** Node caps a timer at 2^31-1 ms and fires larger ones at once, so a longer wait is cut to the cap. */
const MAX_TIMER_MS = 2_147_483_647;

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, delayMs) => setTimeout(run, Math.min(Math.max(0, delayMs), MAX_TIMER_MS)),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/**
 * Waits `delayMs`, or until `signal` aborts.
 * @returns true after the whole wait, false when it was cut short. Never rejects, and leaves no timer or listener behind.
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = () => {
      clock.clearTimeout(timer);
      resolve(false);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
