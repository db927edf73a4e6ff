import type { Clock } from '@dark-carnival/crds/clock';

/**
 * Real time, `factor` times as fast: for a process whose waits are long and whose other side is real. Only for tests that assert nothing about how long
 * something took.
 */
export function fastClock(factor: number): Clock {
  const startedAt = Date.now();
  return {
    now: () => startedAt + performance.now() * factor,
    monotonic: () => performance.now() * factor,
    setTimeout: (run, delayMs) => setTimeout(run, Math.max(0, delayMs) / factor),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  };
}
