import { describe, expect, it } from 'vitest';
import { attemptBeforeRetry, backoffMs, LOST_ATTEMPTS, mayRetryFailed, mayRetryLost } from './attempts.ts';

/** Attempts that a task has, when each ends in the same way. */
function attempts(may: typeof mayRetryFailed, retries: number, retriesTaken: number): number[] {
  const used: number[] = [];
  let attempt = attemptBeforeRetry(retries, retriesTaken);
  do {
    attempt += 1;
    used.push(attempt);
  } while (may({ attempt, retries, retriesTaken }) && used.length < 100);
  return used;
}

describe('attempts of a task', () => {
  it('are one and its retries, when its work fails', () => {
    expect(attempts(mayRetryFailed, 0, 0)).toEqual([1]);
    expect(attempts(mayRetryFailed, 2, 0)).toEqual([1, 2, 3]);
  });

  it('are some more when its wagons are lost, but not without end', () => {
    expect(attempts(mayRetryLost, 0, 0)).toHaveLength(1 + LOST_ATTEMPTS);
    expect(attempts(mayRetryLost, 5, 0)).toHaveLength(6 + LOST_ATTEMPTS);
  });

  it('never use a number twice over the retries that a person asks for', () => {
    const numbers = [0, 1, 2, 3, 4, 5].flatMap((taken) => attempts(mayRetryLost, 2, taken));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.max(...numbers)).toBeLessThan(1000);
  });

  it('wait longer each time, up to half a minute', () => {
    expect([1, 2, 3, 4, 9].map((attempt) => backoffMs(attempt, 1_000))).toEqual([1_000, 2_000, 4_000, 8_000, 30_000]);
  });
});
