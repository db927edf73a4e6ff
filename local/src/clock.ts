/** A running timer: opaque, to be given back to the clock that made it. */
export type Timer = object;

/** Time as the server sees it, so that tests and the fault simulator can own it. All units are milliseconds. */
export interface Clock {
  /** Wall clock, since the Unix epoch: only for timestamps that people or other processes read. */
  now(): number;
  /** Runs `run` once after `delayMs` (0 or more), unless cleared before. */
  setTimeout(run: () => void, delayMs: number): Timer;
  clearTimeout(timer: Timer): void;
}

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** A timestamp as `metav1.Time` prints it: whole seconds, UTC. */
export function timestamp(clock: Clock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
}
