import type { Condition, KubeObject } from '@dark-carnival/crds';
import { findCondition, isConditionTrue, removeCondition, setCondition, type WantedCondition } from './conditions.ts';

/** What a reconcile found out, as GitOps tools want to read it. */
export interface Summary {
  ready: Pick<WantedCondition, 'status' | 'reason' | 'message'>;
  /** Work goes on; absent when settled. */
  reconciling?: Pick<WantedCondition, 'reason' | 'message'>;
  /** No progress without a person; absent otherwise. */
  stalled?: Pick<WantedCondition, 'reason' | 'message'>;
}

/**
 * Sets Ready, Reconciling and Stalled from one summary. The latter two are abnormal-true: there exactly while they are True, as kstatus wants
 * them.
 * @param generation `metadata.generation` that was reconciled.
 */
export function summarize(
  conditions: readonly Condition[] | undefined,
  { ready, reconciling, stalled }: Summary,
  generation: number | undefined,
  now: () => string,
): readonly Condition[] {
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  let next = setCondition(conditions, { type: 'Ready', ...ready, ...observed }, now);
  for (const [type, abnormal] of [['Reconciling', reconciling] as const, ['Stalled', stalled] as const]) {
    next = abnormal
      ? setCondition(next, { type, status: 'True', ...abnormal, ...observed }, now)
      : removeCondition(next, type);
  }
  return next;
}

/** Rollout state of an object as `kubectl wait`, Flux and Argo CD conclude it. */
export type KStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating';

/** Computes what kstatus (sigs.k8s.io/cli-utils) would say about an object. */
export function kstatusOf(
  object: KubeObject<unknown, { conditions?: Condition[]; observedGeneration?: number }>,
): KStatus {
  const { metadata, status } = object;
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const observed = status?.observedGeneration ?? findCondition(status?.conditions, 'Ready')?.observedGeneration;
  if (observed !== undefined && metadata.generation !== undefined && observed < metadata.generation)
    return 'InProgress';
  if (isConditionTrue(status?.conditions, 'Stalled')) return 'Failed';
  if (isConditionTrue(status?.conditions, 'Reconciling')) return 'InProgress';
  return findCondition(status?.conditions, 'Ready')?.status === 'True' ? 'Current' : 'InProgress';
}
