import type { ObjectivePhase, ObjectiveStatus } from '@dark-carnival/crds';
import {
  CONDITION_TABLE,
  type ConditionFacts,
  DISTINCT_MODELS,
  ONE_MODEL,
  PAUSED,
  RETAINED,
  type Row,
  toConditions,
} from './conditions.ts';
import { type Draft, timestamp } from './draft.ts';
import { approvedHash, lastPlanNumber } from './policies/gate.ts';
import { trackedByGitOps, ttlLeftMs } from './policies/retention.ts';
import { seatModels } from './policies/seat-models.ts';
import { summarizeTasks } from './policies/task-order.ts';
import { openSpanSeconds } from './policies/work-time.ts';
import type { Snapshot } from './snapshot.ts';

/** Phases in which nothing is done any more. */
export const ENDED: readonly ObjectivePhase[] = ['Completed', 'Failed', 'Aborted', 'Expired'];
export const isEnded = (phase: ObjectivePhase): boolean => ENDED.includes(phase);

/** Brings phase, conditions and counts of a draft into its status. The only place where they are made. */
export function summarize(snapshot: Snapshot, draft: Draft): ObjectiveStatus {
  const { objective, nowMs } = snapshot;
  const { phase, status } = draft;
  const now = timestamp(nowMs);
  const generation = objective.metadata.generation ?? 0;
  const wasOpen = openSpanSeconds(objective.status, nowMs);
  status.phase = phase;
  status.observedGeneration = generation;
  if (!draft.waiting) delete status.queue;
  if (isEnded(phase)) {
    status.completionTime ??= now;
    delete status.debate?.activeSeat;
  }
  if (status.tasks) status.taskSummary = summarizeTasks(status.tasks);
  const models = seatModels(snapshot, status);
  const hint = models && { DistinctModels: models.distinct ? DISTINCT_MODELS : ONE_MODEL };
  const facts = { ...factsOf(snapshot, draft), models: models?.models };
  status.conditions = toConditions({ ...linesOf(snapshot, draft), ...hint }, facts, {
    before: objective.status.conditions,
    generation,
    now,
  });
  closeWorkSpan(objective.status, status, wasOpen);
  return status;
}

/** Work that ends with this write is added up: the span's beginning goes with the condition that marked it. */
function closeWorkSpan(before: ObjectiveStatus, after: ObjectiveStatus, openSeconds: number): void {
  const stillOpen = after.conditions?.find(({ type }) => type === 'Reconciling')?.status === 'True';
  if (!stillOpen && openSeconds > 0) after.workedSeconds = (before.workedSeconds ?? 0) + openSeconds;
}

function linesOf({ objective, nowMs }: Snapshot, draft: Draft) {
  const lines = { ...CONDITION_TABLE[rowOf(draft)] };
  const { spec, metadata } = objective;
  if (!isEnded(draft.phase)) {
    if (spec.desiredState !== 'Paused') return lines;
    const { Reconciling: _, ...others } = lines;
    return { ...others, Ready: PAUSED };
  }
  const left = ttlLeftMs(spec.ttlSecondsAfterFinished, draft.status, nowMs);
  const retained = left !== undefined && trackedByGitOps(metadata);
  return retained ? { ...lines, RetainedByGitOps: RETAINED } : lines;
}

/** The table's row: what an end is called depends on how far the run had come. */
function rowOf({ phase, status, notAccepted }: Draft): Row {
  if (phase === 'Failed') return approvedHash(status) ? 'Failed after approval' : 'Failed before approval';
  if (phase === 'Aborted') {
    if (approvedHash(status)) return everyTaskDone(status) ? 'Aborted in improvement' : 'Aborted in execution';
    return status.plan ? 'Aborted at the gate' : 'Aborted in debate';
  }
  return phase === 'Pending' && notAccepted ? 'NotAccepted' : phase;
}

const everyTaskDone = ({ tasks }: ObjectiveStatus) => tasks?.every(({ state }) => state === 'Succeeded') ?? false;

function factsOf({ objective }: Snapshot, draft: Draft): ConditionFacts {
  const { status } = draft;
  const cause = draft.failure ?? draft.waiting ?? pastFailure(objective.status, draft.phase);
  const notAsked = objective.spec.improve === 'Never';
  return {
    cause: cause?.reason ?? 'Queued',
    message: cause?.message ?? 'It waits for its turn.',
    waiting: draft.waiting?.reason,
    waitingMessage: draft.waiting?.message,
    wagon: status.wagonName,
    round: status.debate ? String(status.debate.round) : undefined,
    taskCount: status.plan ? String(status.plan.taskCount) : undefined,
    planNumber: String(lastPlanNumber({ metadata: objective.metadata, status })),
    decidedBy: status.decisions?.at(-1)?.decidedBy,
    improved: notAsked ? 'NotAsked' : 'NotInstalled',
    improvedMessage: notAsked
      ? 'spec.improve is Never.'
      : 'Self-improvement is not installed; the results stand as they are.',
  };
}

/** Why it failed, as an earlier pass wrote it down. */
function pastFailure({ conditions }: ObjectiveStatus, phase: ObjectivePhase) {
  return phase === 'Failed' ? conditions?.find(({ type }) => type === 'Failed') : undefined;
}
