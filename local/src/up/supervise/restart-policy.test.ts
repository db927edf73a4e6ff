import { describe, expect, it } from 'vitest';
import { afterExit, FRESH } from './restart-policy.ts';

describe('afterExit', () => {
  it('waits 1 s, then twice as long with each failure in a row, and never more than 60 s', () => {
    let history = FRESH;
    const delays: number[] = [];
    for (let run = 0; run < 9; run += 1) {
      const next = afterExit(history, 0);
      history = next.history;
      delays.push(next.delayMs / 1000);
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('starts from 1 s again once a run was well for a minute', () => {
    expect(afterExit({ failures: 6 }, 60_000)).toEqual({ history: { failures: 1 }, delayMs: 1000 });
    expect(afterExit({ failures: 3 }, 59_999).delayMs).toBe(8000);
  });
});
