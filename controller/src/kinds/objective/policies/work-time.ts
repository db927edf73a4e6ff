import type { ObjectiveStatus } from '@dark-carnival/crds';

/**
 * Seconds of work so far, against maxDurationSeconds. Reconciling is there exactly while the Objective works, not while it waits for a person or is
 * paused; so its last transition begins the open span, and `workedSeconds` holds the closed ones. Waiting for the first wagon is no work.
 */
export function workedSeconds(status: ObjectiveStatus, nowMs: number): number {
  return (status.workedSeconds ?? 0) + openSpanSeconds(status, nowMs);
}

/** Seconds since the open span of work began, 0 where none is open. */
export function openSpanSeconds({ conditions, startTime }: ObjectiveStatus, nowMs: number): number {
  const reconciling = conditions?.find(({ type }) => type === 'Reconciling');
  if (reconciling?.status !== 'True' || startTime === undefined) return 0;
  const began = Math.max(Date.parse(reconciling.lastTransitionTime), Date.parse(startTime));
  return Number.isFinite(began) ? Math.max(0, Math.floor((nowMs - began) / 1000)) : 0;
}
