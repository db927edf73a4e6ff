import type { Condition } from '@dark-carnival/crds';
import { shorten } from './outcome.ts';

/** A condition as a reconcile wants it; the time is the helper's business. */
export type WantedCondition = Omit<Condition, 'lastTransitionTime'>;

/** The condition of a type. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of a type is there and True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * The conditions with one of them set. Sorted by type, so that two writers never flap; `lastTransitionTime` moves only when `status` does; the same
 * array comes back when nothing changed, so that nothing is written.
 * @param now RFC 3339 time of a transition.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  wanted: WantedCondition,
  now: () => string,
): readonly Condition[] {
  const before = findCondition(conditions, wanted.type);
  const message = shorten(wanted.message);
  const lastTransitionTime = before?.status === wanted.status ? before.lastTransitionTime : now();
  const next: Condition = { ...wanted, message, lastTransitionTime };
  if (conditions && before && sameCondition(before, next)) return conditions;
  const others = (conditions ?? []).filter(({ type }) => type !== wanted.type);
  return [...others, next].sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** The conditions without one; the same array when it was not there. */
export function removeCondition(conditions: readonly Condition[] | undefined, type: string): readonly Condition[] {
  if (!conditions) return [];
  return findCondition(conditions, type) ? conditions.filter((condition) => condition.type !== type) : conditions;
}

function sameCondition(a: Condition, b: Condition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration
  );
}
