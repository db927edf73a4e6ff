import { clip } from '@dark-carnival/crds/text';
import { ApiError, TransportError } from '@dark-carnival/kube';
import { StalledError, TransientError, WaitingError } from './reconcile-errors.ts';

/** What a reconcile that got through may ask for. */
export interface ReconcileResult {
  /** Look at the object again after this long, in ms, whatever happens meanwhile. */
  requeueAfterMs?: number;
}

/** How to go on after a reconcile. */
export interface Outcome {
  kind: 'done' | 'stalled' | 'waiting' | 'transient' | 'failed';
  /** When the key comes again: never by itself, after a time, or with its growing back-off (and no earlier than `afterMs`). */
  requeue: { by: 'event' } | { by: 'time'; afterMs: number } | { by: 'backoff'; afterMs: number };
  /** Reason and message for conditions and events; absent when there is nothing to say. */
  reason?: string;
  message?: string;
  /** The kstatus condition that is True because of it. */
  condition?: 'Reconciling' | 'Stalled';
  /** Worth an Event of this type. */
  event?: 'Warning';
  log: 'debug' | 'info' | 'warn' | 'error';
}

/** Longest message that a condition takes (code points). */
const MAX_MESSAGE = 1024;

/** Maps what a reconcile returned or threw to its handling. Pure and total: it takes anything that can be thrown. */
export function toOutcome(result: ReconcileResult | undefined, error?: unknown): Outcome {
  if (error === undefined) return done(result);
  if (error instanceof StalledError) {
    return { ...say('stalled', error), requeue: { by: 'event' }, condition: 'Stalled', event: 'Warning', log: 'warn' };
  }
  if (error instanceof WaitingError) {
    return {
      ...say('waiting', error),
      requeue: { by: 'time', afterMs: error.afterMs },
      condition: 'Reconciling',
      log: 'debug',
    };
  }
  const transient = asTransient(error);
  if (transient?.silent)
    return { kind: 'transient', requeue: { by: 'backoff', afterMs: transient.afterMs ?? 0 }, log: 'debug' };
  if (transient) {
    const requeue = { by: 'backoff', afterMs: transient.afterMs ?? 0 } as const;
    return { ...say('transient', transient), requeue, condition: 'Reconciling', log: 'info' };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    ...say('failed', { reason: 'ReconcileFailed', message }),
    requeue: { by: 'backoff', afterMs: 0 },
    condition: 'Reconciling',
    event: 'Warning',
    log: 'error',
  };
}

function done(result: ReconcileResult | undefined): Outcome {
  const afterMs = result?.requeueAfterMs;
  const requeue = afterMs === undefined ? ({ by: 'event' } as const) : ({ by: 'time', afterMs } as const);
  return { kind: 'done', requeue, log: 'debug' };
}

/** Which errors of the API are passing: a lost race (silently), an object that just went, an overloaded or unreachable server. */
export function asTransient(error: unknown): TransientError | undefined {
  if (error instanceof TransientError) return error;
  if (error instanceof TransportError) return new TransientError('ApiUnreachable', error.message, { cause: error });
  if (!(error instanceof ApiError)) return undefined;
  const { message } = error;
  if (error.isConflict || error.isGone) return new TransientError('Conflict', message, { cause: error, silent: true });
  if (error.isNotFound) return new TransientError('NotFound', message, { cause: error, silent: true });
  if (!error.isTransient) return undefined;
  const afterMs = (error.retryAfterSeconds ?? 0) * 1000;
  return new TransientError('ApiUnavailable', message, { cause: error, afterMs });
}

function say<Kind extends Outcome['kind']>(kind: Kind, { reason, message }: { reason: string; message: string }) {
  return { kind, reason, message: shorten(message) };
}

/** Cuts a text to what a condition takes, between characters. */
export const shorten = (text: string): string => clip(text, MAX_MESSAGE);
