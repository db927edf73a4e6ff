import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { noLease, RenewableLease } from './lease.ts';

const now = (clock: FakeClock) => ({ monotonic: clock.monotonic(), wall: clock.now() });
const never = new AbortController().signal;

describe('the lease', () => {
  it('is not held before the first answer, and for its time after it', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    expect(lease.held).toBe(false);
    lease.renew(25_000, now(clock));
    await clock.advance(24_999);
    expect(lease.held).toBe(true);
    await clock.advance(1);
    expect(lease.held).toBe(false);
  });

  it('counts from when the heartbeat was sent, not from when the answer came', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    const asked = now(clock);
    await clock.advance(4000);
    lease.renew(25_000, asked);
    expect(lease.remainingMs).toBe(21_000);
  });

  it('has lapsed after a sleep of the machine during which the monotonic clock stood still', () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    lease.renew(25_000, now(clock));
    clock.jumpWallClock(3_600_000);
    expect(lease.held).toBe(false);
    lease.renew(25_000, now(clock));
    expect(lease.held).toBe(true);
  });

  it('wakes those who wait when it is renewed, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    const waiting = lease.untilHeld({ signal: never, maxWaitMs: 60_000 });
    lease.renew(25_000, now(clock));
    expect(await waiting).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not taken from an answer that came later than the lease is long', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    const waiting = lease.untilHeld({ signal: never, maxWaitMs: 60_000 });
    const asked = now(clock);
    await clock.advance(30_000);
    lease.renew(25_000, asked);
    expect(lease.held).toBe(false);
    await clock.advance(30_000);
    expect(await waiting).toBe(false);
  });

  it('lets nobody wait for ever: a bound or a signal ends it', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    const cancel = new AbortController();
    const cancelled = lease.untilHeld({ signal: cancel.signal, maxWaitMs: 60_000 });
    cancel.abort();
    expect(await cancelled).toBe(false);
    expect(await lease.untilHeld({ signal: cancel.signal, maxWaitMs: 60_000 })).toBe(false);
  });

  it('is nothing that a lone wagon needs', async () => {
    expect(noLease.held).toBe(true);
    expect(await noLease.untilHeld({ signal: never, maxWaitMs: 1 })).toBe(true);
  });
});
