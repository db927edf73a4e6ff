import type { Objective, ObjectivePhase } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';

const ENDED: ReadonlySet<ObjectivePhase> = new Set(['Completed', 'Failed', 'Aborted', 'Expired']);

/** The run is over, unless somebody asks for a retry. */
export function hasEnded({ status }: Objective): boolean {
  return status?.phase !== undefined && ENDED.has(status.phase);
}

/** Why it stands where it stands, in the controller's words; nothing where there is nothing to say. */
export function reasonOf({ status }: Objective): string | undefined {
  const conditions = status?.conditions ?? [];
  const failed = conditions.find((condition) => condition.type === 'Failed' && condition.status === 'True');
  const told = failed ?? conditions.find(({ type }) => type === 'Ready');
  return told && told.message !== '' ? `${told.reason}: ${safeLine(told.message, 300)}` : told?.reason;
}

/** Why there is no open request, for somebody who wants to answer one. */
export function whyNothingToDecide({ metadata, status }: Objective): string {
  const last = status?.decisions?.at(-1);
  const answered = last ? `; the last was answered ${last.decision} by ${safeLine(last.decidedBy, 80)}` : '';
  const next = status?.phase === 'Debating' ? ': wait for the plan (carnival status)' : '';
  return `${metadata.name} asks nothing now (phase ${status?.phase ?? 'Pending'}${answered})${next}`;
}

/** Place of each waiting Objective in the queue, from 1: first come, first served. Computed, since nobody stores it. */
export function queuePositions(
  objectives: readonly Objective[],
): ReadonlyMap<string, { position: number; of: number }> {
  const waiting = objectives
    .filter((objective) => objective.status?.queue !== undefined && !hasEnded(objective))
    .toSorted(
      (a, b) =>
        compare(a.status?.queue?.since, b.status?.queue?.since) ||
        compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
        compare(a.metadata.name, b.metadata.name),
    );
  return new Map(waiting.map(({ metadata }, index) => [metadata.name, { position: index + 1, of: waiting.length }]));
}

const compare = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0);
