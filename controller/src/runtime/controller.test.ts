import { FakeClock, settle } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { Controller, type ControllerOptions, type Reconcile } from './controller.ts';
import type { LogFields, Logger } from './logger.ts';
import { StalledError, TransientError, WaitingError } from './reconcile-errors.ts';
import type { Enqueue } from './source.ts';

interface Line extends LogFields {
  level: string;
  text: string;
}

function recordingLogger(lines: Line[], base: LogFields = {}): Logger {
  const at = (level: string) => (text: string, fields?: LogFields) =>
    void lines.push({ level, text, ...base, ...fields });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => recordingLogger(lines, { ...base, ...fields }),
  };
}

function aController(reconcile: Reconcile, options: Partial<ControllerOptions> & { initial?: string[] } = {}) {
  const clock = new FakeClock();
  const lines: Line[] = [];
  let emit: Enqueue = () => {};
  let subscriptions = 0;
  const controller = new Controller({
    name: 'Widget',
    reconcile,
    sources: [
      (enqueue) => {
        subscriptions += 1;
        emit = enqueue;
        for (const key of options.initial ?? []) enqueue(key, 'low');
        return () => {
          subscriptions -= 1;
        };
      },
    ],
    clock,
    logger: recordingLogger(lines),
    isLeader: () => true,
    ...options,
  });
  const event = (key: string) => emit(key, 'high');
  return { clock, controller, lines, event, subscriptions: () => subscriptions };
}

describe('Controller', () => {
  it('reconciles what is there, then what happens, and nothing by itself', async () => {
    const seen: string[] = [];
    const { controller, event, clock } = aController(async (key) => void seen.push(key), { initial: ['a', 'b'] });
    controller.activate();
    controller.activate();
    await settle();
    event('b');
    controller.enqueue('c');
    await settle();
    expect(seen).toEqual(['a', 'b', 'b', 'c']);
    await clock.advance(24 * 3_600_000);
    expect(seen).toHaveLength(4);
    expect(clock.pendingTimers).toBe(0);
  });

  it('works on as many keys at once as it has workers, and on each once', async () => {
    let now = 0;
    let most = 0;
    const finish: (() => void)[] = [];
    const { controller, event } = aController(
      async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise<void>((resolve) => finish.push(resolve));
        now -= 1;
      },
      { workers: 3, initial: ['a', 'b', 'c', 'd', 'e'] },
    );
    controller.activate();
    await settle();
    event('a');
    expect(controller.stats()).toMatchObject({ processing: 3, depth: 2 });
    while (finish.length > 0) {
      finish.shift()?.();
      await settle();
    }
    expect(most).toBe(3);
    expect(controller.stats()).toMatchObject({ processing: 0, depth: 0, reconciles: 6 });
  });

  it('comes back after the time that a reconcile asks for', async () => {
    let runs = 0;
    const { controller, clock } = aController(
      async () => {
        runs += 1;
        if (runs === 2) throw new WaitingError('NotYet', 'soon', { afterMs: 500 });
        return { requeueAfterMs: 1_000 };
      },
      { initial: ['a'] },
    );
    controller.activate();
    await clock.advance(999);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
    await clock.advance(500);
    expect(runs).toBe(3);
    expect(controller.stats().failures).toBe(0);
  });

  it('leaves a stalled object alone until it changes', async () => {
    let runs = 0;
    const { controller, clock, event } = aController(
      async () => {
        runs += 1;
        throw new StalledError('BadPlan', 'cyclic');
      },
      { initial: ['a'] },
    );
    controller.activate();
    await clock.advance(3_600_000);
    expect(runs).toBe(1);
    event('a');
    await settle();
    expect(runs).toBe(2);
  });

  it('a poisonous object never blocks others, is tried ever more rarely, and does not fill the log', async () => {
    const runs = { poison: 0, well: 0 };
    const { controller, clock, lines, event } = aController(
      async (key) => {
        if (key !== 'poison') {
          runs.well += 1;
          return undefined;
        }
        runs.poison += 1;
        throw new TypeError('cannot read properties of undefined');
      },
      { initial: ['poison'], workers: 1, maxBackoffMs: 60_000 },
    );
    controller.activate();
    for (let minute = 0; minute < 60; minute += 1) {
      event(`well-${minute}`);
      await clock.advance(60_000);
    }
    expect(runs.well).toBe(60);
    // 14 doublings from 5 ms to a minute, then one a minute.
    expect(runs.poison).toBeGreaterThan(60);
    expect(runs.poison).toBeLessThan(80);
    expect(lines.filter(({ level }) => level === 'error').length).toBeLessThanOrEqual(8);
    expect(controller.stats()).toMatchObject({ failing: 1 });
    event('poison');
    await settle();
    expect(lines.at(-1)).toMatchObject({ Widget: 'poison', reason: 'ReconcileFailed' });
  });

  it('retries at once after a lost race, silently, and as late as the other side asked', async () => {
    const errors = [
      new TransientError('Conflict', 'lost', { silent: true }),
      new TransientError('Busy', 'wait', { afterMs: 8_000 }),
    ];
    const at: number[] = [];
    const { controller, clock, lines } = aController(
      async () => {
        at.push(clock.monotonic());
        const error = errors.shift();
        if (error) throw error;
        return undefined;
      },
      { initial: ['a'] },
    );
    controller.activate();
    await clock.advance(60_000);
    expect(at).toEqual([0, 5, 8_005]);
    expect(lines.filter(({ level }) => level !== 'debug').map(({ reason }) => reason)).toEqual(['Busy']);
    expect(controller.stats().failing).toBe(0);
  });

  it('aborts a reconcile whose time is up and tries it again', async () => {
    const signals: AbortSignal[] = [];
    const { controller, clock } = aController(
      (_key, { signal }) => {
        signals.push(signal);
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
      { initial: ['a'], reconcileTimeoutMs: 10_000 },
    );
    controller.activate();
    await clock.advance(10_000);
    expect(signals[0]?.aborted).toBe(true);
    await clock.advance(5);
    expect(signals).toHaveLength(2);
    expect(controller.stats()).toMatchObject({ failing: 1, stuck: 0 });
  });

  it('goes on without a reconcile that ignores its signal, and never runs its key twice at once', async () => {
    let release = () => {};
    const runs: string[] = [];
    const { controller, clock, event } = aController(
      (key) => {
        runs.push(key);
        if (key !== 'stuck' || runs.filter((each) => each === 'stuck').length > 1) return Promise.resolve(undefined);
        return new Promise((resolve) => {
          release = () => resolve(undefined);
        });
      },
      { initial: ['stuck'], workers: 1, reconcileTimeoutMs: 10_000 },
    );
    controller.activate();
    await settle();
    event('other');
    await clock.advance(15_000);
    expect(runs).toEqual(['stuck', 'other']);
    event('stuck');
    await clock.advance(60_000);
    expect(runs).toEqual(['stuck', 'other']);
    expect(controller.stats().stuck).toBe(1);
    await controller.deactivate();
    controller.activate();
    await settle();
    expect(runs).toEqual(['stuck', 'other']);
    release();
    await clock.advance(10);
    expect(runs).toEqual(['stuck', 'other', 'stuck']);
    expect(controller.stats().stuck).toBe(0);
  });

  it('begins nothing while the fence is down, and loses no key by it', async () => {
    let leader = false;
    const seen: string[] = [];
    const { controller, clock } = aController(async (key) => void seen.push(key), {
      initial: ['a'],
      isLeader: () => leader,
    });
    controller.activate();
    await clock.advance(5_000);
    expect(seen).toEqual([]);
    leader = true;
    await clock.advance(1_000);
    expect(seen).toEqual(['a']);
  });

  it('deactivation cuts reconciles off, waits for them, drops the rest, and unsubscribes', async () => {
    const log: string[] = [];
    const { controller, clock, event, subscriptions } = aController(
      async (key, { signal }) => {
        log.push(`begin ${key}`);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        log.push(`end ${key}`);
      },
      { initial: ['a', 'b'], workers: 1 },
    );
    controller.activate();
    await settle();
    const stopped = controller.deactivate().then(() => log.push('stopped'));
    await clock.advance(0);
    await stopped;
    expect(log).toEqual(['begin a', 'end a', 'stopped']);
    event('c');
    controller.enqueue('d');
    await clock.advance(60_000);
    expect(log).toHaveLength(3);
    expect(subscriptions()).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('a graceful stop lets reconciles finish in peace', async () => {
    let finish = () => {};
    let aborted = false;
    const { controller, clock } = aController(
      async (_key, { signal }) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        aborted = signal.aborted;
      },
      { initial: ['a'] },
    );
    controller.activate();
    await settle();
    const stopped = controller.deactivate(10_000);
    await clock.advance(9_000);
    finish();
    await stopped;
    expect(aborted).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});
