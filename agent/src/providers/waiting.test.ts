import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { Circuit } from './circuit.ts';
import { Limiter } from './limiter.ts';
import { ProviderError, type ProviderErrorKind } from './provider-error.ts';
import { retryAfterMs } from './retry-after.ts';
import { decideRetry, type RetryFacts } from './retry-policy.ts';
import { Watchdog } from './watchdog.ts';

const failure = (kind: ProviderErrorKind, retryAfter?: number) =>
  new ProviderError(kind, kind, {
    provider: 'kimi',
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
  });
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('Retry-After', () => {
  const read = (headers: Record<string, string>) =>
    retryAfterMs(new Headers(headers), Date.parse('2026-11-24T00:00:00Z'));
  it('is read in every form in which it is sent', () => {
    expect(read({ 'retry-after-ms': '1500', 'retry-after': '9' })).toBe(1500);
    expect(read({ 'retry-after': '47' })).toBe(47_000);
    expect(read({ 'retry-after': '0.5' })).toBe(500);
    expect(read({ 'retry-after': 'Tue, 24 Nov 2026 00:00:20 GMT' })).toBe(20_000);
    expect(read({ 'retry-after': 'Mon, 23 Nov 2026 00:00:00 GMT' })).toBe(0);
    expect(read({ 'retry-after': 'soon' })).toBeUndefined();
    expect(read({})).toBeUndefined();
  });
});

describe('what follows a failed try', () => {
  const decide = (facts: Partial<RetryFacts>) =>
    decideRetry({
      error: failure('overloaded'),
      tries: 1,
      remainingMs: 300_000,
      hasFallback: false,
      random: () => 0.5,
      ...facts,
    });

  it('waits with full jitter, longer each time, and not for ever', () => {
    expect(decide({})).toEqual({ action: 'wait', ms: 250 });
    expect(decide({ tries: 2 })).toEqual({ action: 'wait', ms: 500 });
    expect(decide({ tries: 3 })).toEqual({ action: 'give-up' });
    expect(decide({ random: () => 0 })).toEqual({ action: 'wait', ms: 0 });
  });

  it.each(['unauthorized', 'quota', 'not-found', 'bad-request'] as const)('never tries again after %s', (kind) => {
    expect(decide({ error: failure(kind) })).toEqual({ action: 'give-up' });
  });

  it('waits as long as the provider asks, but not for more than a minute', () => {
    expect(decide({ error: failure('rate-limited', 20_000) })).toEqual({ action: 'wait', ms: 20_250 });
    expect(decide({ error: failure('rate-limited', 61_000) })).toEqual({ action: 'cool-down', ms: 61_000 });
  });

  it('asks somebody else rather than wait, where there is somebody', () => {
    expect(decide({ error: failure('rate-limited', 20_000), hasFallback: true })).toEqual({
      action: 'cool-down',
      ms: 20_000,
    });
    expect(decide({ error: failure('rate-limited', 2000), hasFallback: true })).toMatchObject({ action: 'wait' });
  });

  it('does not wait beyond the deadline', () => {
    expect(decide({ error: failure('rate-limited', 20_000), remainingMs: 10_000 })).toEqual({
      action: 'cool-down',
      ms: 20_000,
    });
    expect(decide({ remainingMs: 100 })).toEqual({ action: 'give-up' });
  });
});

describe('a circuit', () => {
  it('opens after three failures in a row, rests longer each time, and closes with a success', async () => {
    const clock = new FakeClock();
    const circuit = new Circuit(clock);
    circuit.recordFailure(failure('overloaded'));
    circuit.recordFailure(failure('overloaded'));
    expect(circuit.restMs).toBe(0);
    circuit.recordFailure(failure('overloaded'));
    expect(circuit.restMs).toBe(15_000);
    await clock.advance(15_000);
    expect(circuit.restMs).toBe(0);
    circuit.recordFailure(failure('overloaded'));
    expect(circuit.restMs).toBe(30_000);
    circuit.recordSuccess();
    expect(circuit.restMs).toBe(0);
  });

  it('opens at once, and is not waited for, where a person must act', () => {
    const circuit = new Circuit(new FakeClock());
    circuit.recordFailure(failure('unauthorized'));
    expect(circuit).toMatchObject({ reason: 'unauthorized', isWorthWaiting: false });
  });

  it('does not hold a bad request against the provider', () => {
    const circuit = new Circuit(new FakeClock());
    for (let time = 0; time < 9; time += 1) circuit.recordFailure(failure('bad-request'));
    expect(circuit.restMs).toBe(0);
  });

  it('is closed by a probe only where the probe proves something', () => {
    const circuit = new Circuit(new FakeClock());
    circuit.recordFailure(failure('unauthorized'));
    circuit.recordProbe();
    expect(circuit.restMs).toBe(0);
    circuit.coolDown('rate-limited', 120_000);
    circuit.recordProbe();
    expect(circuit.restMs).toBe(120_000);
  });

  it('never rests for more than an hour, whatever it is told', () => {
    const circuit = new Circuit(new FakeClock());
    circuit.coolDown('rate-limited', 2 ** 31);
    expect(circuit.restMs).toBe(3_600_000);
  });
});

describe('a watchdog', () => {
  const watch = (clock: FakeClock, parent = new AbortController().signal) =>
    new Watchdog({ clock, parent, totalMs: 1000, firstMs: 400, idleMs: 300, reasonFor: (limit) => new Error(limit) });

  it('ends a call without progress', async () => {
    const clock = new FakeClock();
    const watchdog = watch(clock);
    watchdog.touch();
    await clock.advance(299);
    expect(watchdog.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(watchdog.signal.reason).toEqual(new Error('idle'));
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends a call without a first sign of life, by a limit of its own', async () => {
    const clock = new FakeClock();
    const watchdog = watch(clock);
    await clock.advance(399);
    expect(watchdog.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(watchdog.signal.reason).toEqual(new Error('first'));
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not woken by progress that comes after its end', async () => {
    const clock = new FakeClock();
    const watchdog = watch(clock);
    await clock.advance(400);
    watchdog.touch();
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets slow progress be, up to the total', async () => {
    const clock = new FakeClock();
    const watchdog = watch(clock);
    for (let step = 0; step < 4; step += 1) {
      await clock.advance(249);
      watchdog.touch();
    }
    expect(watchdog.signal.aborted).toBe(false);
    await clock.advance(4);
    expect(watchdog.signal.reason).toEqual(new Error('total'));
  });

  it('passes the reason of its caller on, and stops cleanly', () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const reason = new Error('enough');
    const watchdog = watch(clock, controller.signal);
    controller.abort(reason);
    expect(watchdog.signal.reason).toBe(reason);
    watch(clock).stop();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a limiter', () => {
  it('keeps to its concurrency, first come, first served', async () => {
    const limiter = new Limiter({ clock: new FakeClock(), concurrency: 1 });
    const { signal } = new AbortController();
    const first = await limiter.acquire(signal);
    const order: string[] = [];
    const second = limiter.acquire(signal).then((release) => {
      order.push('second');
      return release;
    });
    const third = limiter.acquire(signal).then((release) => {
      order.push('third');
      return release;
    });
    await settled();
    expect(order).toEqual([]);
    first?.();
    first?.();
    (await second)?.();
    (await third)?.();
    expect(order).toEqual(['second', 'third']);
    expect(await limiter.acquire(signal)).toBeDefined();
  });

  it('gives up waiting with its caller, and does not lose the place', async () => {
    const limiter = new Limiter({ clock: new FakeClock(), concurrency: 1 });
    const controller = new AbortController();
    const held = await limiter.acquire(controller.signal);
    const waiting = limiter.acquire(controller.signal);
    controller.abort();
    expect(await waiting).toBeUndefined();
    held?.();
    expect(await limiter.acquire(new AbortController().signal)).toBeDefined();
  });

  it('starts only so many calls within a minute', async () => {
    const clock = new FakeClock();
    const limiter = new Limiter({ clock, requestsPerMinute: 2 });
    const { signal } = new AbortController();
    await limiter.acquire(signal);
    await clock.advance(10_000);
    await limiter.acquire(signal);
    let started = false;
    const third = limiter.acquire(signal).then(() => {
      started = true;
    });
    await settled();
    await clock.advance(49_999);
    await settled();
    expect(started).toBe(false);
    await clock.advance(1);
    await third;
    expect(started).toBe(true);
  });
});
