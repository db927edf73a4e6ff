import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { sleep } from './clock.ts';

describe('sleep', () => {
  it('is cut short by its signal, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const slept = sleep(clock, 1000, controller.signal);
    controller.abort();
    expect(await slept).toBe(false);
    expect(clock.pendingTimers).toBe(0);
    expect(await sleep(clock, 1000, controller.signal)).toBe(false);
  });
});
