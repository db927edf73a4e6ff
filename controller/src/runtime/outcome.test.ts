import { ApiError, TransportError } from '@dark-carnival/kube';
import { describe, expect, it } from 'vitest';
import { type Outcome, shorten, toOutcome } from './outcome.ts';
import { StalledError, TransientError, WaitingError } from './reconcile-errors.ts';

function anApiError(code: number, reason: string, retryAfterSeconds?: number): ApiError {
  const status = { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason, message: 'no' } as const;
  return new ApiError(status, 'PATCH /x', retryAfterSeconds);
}

describe('toOutcome', () => {
  it('waits for the next event after success, or for the time that was asked for', () => {
    expect(toOutcome(undefined)).toEqual({ kind: 'done', requeue: { by: 'event' }, log: 'debug' });
    expect(toOutcome({})).toEqual({ kind: 'done', requeue: { by: 'event' }, log: 'debug' });
    expect(toOutcome({ requeueAfterMs: 7 }).requeue).toEqual({ by: 'time', afterMs: 7 });
  });

  const errors: { name: string; error: unknown; want: Partial<Outcome> }[] = [
    {
      name: 'stalled: told to people, tried again when the object changes',
      error: new StalledError('BadPlan', 'the plan is cyclic'),
      want: {
        kind: 'stalled',
        requeue: { by: 'event' },
        condition: 'Stalled',
        event: 'Warning',
        reason: 'BadPlan',
        message: 'the plan is cyclic',
      },
    },
    {
      name: 'waiting: looked at again later, nobody alarmed',
      error: new WaitingError('NoWagon', 'no wagon is free', { afterMs: 500 }),
      want: { kind: 'waiting', requeue: { by: 'time', afterMs: 500 }, condition: 'Reconciling', log: 'debug' },
    },
    {
      name: 'transient: back-off',
      error: new TransientError('WagonDown', 'refused', { afterMs: 3 }),
      want: { kind: 'transient', requeue: { by: 'backoff', afterMs: 3 }, reason: 'WagonDown', log: 'info' },
    },
    {
      name: 'a lost race is nothing to talk about',
      error: anApiError(409, 'Conflict'),
      want: { kind: 'transient', requeue: { by: 'backoff', afterMs: 0 }, log: 'debug' },
    },
    {
      name: 'an overloaded API says how long to wait',
      error: anApiError(429, 'TooManyRequests', 4),
      want: { kind: 'transient', requeue: { by: 'backoff', afterMs: 4_000 }, reason: 'ApiUnavailable' },
    },
    {
      name: 'an unreachable API',
      error: new TransportError('unreachable', 'GET https://x: refused', 'ECONNREFUSED'),
      want: { kind: 'transient', reason: 'ApiUnreachable' },
    },
    {
      name: 'a refused object is our bug, and loud',
      error: anApiError(422, 'Invalid'),
      want: {
        kind: 'failed',
        requeue: { by: 'backoff', afterMs: 0 },
        reason: 'ReconcileFailed',
        event: 'Warning',
        log: 'error',
      },
    },
    { name: 'a bug', error: new TypeError('x is undefined'), want: { kind: 'failed', message: 'x is undefined' } },
    { name: 'a thrown text', error: 'oops', want: { kind: 'failed', message: 'oops' } },
    { name: 'a thrown null', error: null, want: { kind: 'failed', message: 'null' } },
  ];
  it.each(errors)('$name', ({ error, want }) => {
    expect(toOutcome(undefined, error)).toMatchObject(want);
  });

  it('keeps silent errors out of conditions', () => {
    expect(toOutcome(undefined, anApiError(404, 'NotFound'))).not.toHaveProperty('condition');
  });

  it('cuts messages between characters, to what a condition takes', () => {
    expect(shorten('a'.repeat(2_000))).toHaveLength(1_024);
    const clowns = shorten('🤡'.repeat(2_000));
    expect([...clowns]).toHaveLength(1_024);
    expect(clowns.endsWith('🤡…')).toBe(true);
    expect(shorten('🤡'.repeat(1_024))).toBe('🤡'.repeat(1_024));
  });
});
