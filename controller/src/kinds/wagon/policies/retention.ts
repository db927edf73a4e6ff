import { type Condition, STALE_CHECK_SECONDS, type WagonSpec } from '@dark-carnival/crds';
import { findCondition } from '../../../runtime/conditions.ts';

/** Says since when an evicted wagon is evicted; there exactly while it is. */
export const EVICTED_CONDITION = 'Evicted';

/** What decides whether the object of an evicted wagon may go. */
export interface RetentionFacts {
  spec: Pick<WagonSpec, 'retainAfterEvictionSeconds'>;
  conditions: readonly Condition[] | undefined;
  /**
   * Wall clock, ms: the earlier of what it shows and of what it would show had nobody set it since this process started. A clock that jumps ahead ends no
   * retention.
   */
  nowMs: number;
  /** An Objective needs its files, or has work on it. */
  needed: boolean;
  /** Set while over half of the fleet went silent at once. */
  brakeForMs: number;
}

export type Retention =
  | { outcome: 'delete' }
  /** Looked at again after so long. */
  | { outcome: 'keep'; why: 'retained' | 'needed' | 'braked'; checkInMs: number };

/** What an Objective no longer needs is told by the Objective; this is only the net below. */
const NEEDED_CHECK_MS = 600_000;
/** Half of the fleet may be back before the brake's time is over. */
const BRAKE_CHECK_MS = STALE_CHECK_SECONDS * 1000;
/** A timer that is longer is of no use: the clock may be set in between. */
const LONGEST_CHECK_MS = 3_600_000;

/** Whether the object of an evicted wagon may be deleted. Its token outlives it in any case. */
export function judgeRetention({ spec, conditions, nowMs, needed, brakeForMs }: RetentionFacts): Retention {
  const since = Date.parse(findCondition(conditions, EVICTED_CONDITION)?.lastTransitionTime ?? '');
  const retainMs = spec.retainAfterEvictionSeconds * 1000;
  // Without a time nobody knows how long it has been: from now on, then.
  const leftMs = Number.isNaN(since) ? retainMs : since + retainMs - nowMs;
  if (leftMs > 0) return keep('retained', leftMs);
  if (needed) return keep('needed', NEEDED_CHECK_MS);
  return brakeForMs > 0 ? keep('braked', Math.min(brakeForMs, BRAKE_CHECK_MS)) : { outcome: 'delete' };
}

const keep = (why: 'retained' | 'needed' | 'braked', ms: number): Retention => ({
  outcome: 'keep',
  why,
  checkInMs: Math.min(Math.max(ms, 1_000), LONGEST_CHECK_MS),
});
