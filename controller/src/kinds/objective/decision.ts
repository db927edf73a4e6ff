import type { Assignment, ObjectivePhase, ObjectiveStatus, Turn } from '@dark-carnival/crds';
import type { SpentToday } from '../../ports/day-spending.ts';
import type { FeedbackRecord } from '../../ports/feedback-record.ts';
import type { RoundRecord } from '../../ports/round-record.ts';

/**
 * Done before status is written: what the status will promise has to be there first, and what it will have done with has to be gone, since nobody
 * comes back to an end for it. All of them are safe to repeat.
 */
export type Preparation =
  | { type: 'addFinalizer' }
  | { type: 'storeRound'; record: RoundRecord }
  | { type: 'storeResume'; round: number; attempt: number; turns: readonly Turn[] }
  | { type: 'storeFeedback'; number: number; record: FeedbackRecord }
  | { type: 'storePlan'; number: number; bytes: string }
  /** What it spent today is counted on, after it is gone. */
  | { type: 'carrySpending'; spent: SpentToday }
  | { type: 'deleteConfigMaps'; names: readonly string[] };

/** Done after status is written: what the status has recorded. All of them are safe to repeat. */
export type Effect =
  | { type: 'putJob'; wagonName: string; assignment: Assignment }
  | { type: 'cancelJob'; wagonName: string; id: string }
  | { type: 'holdJob'; wagonName: string; id: string; held: boolean }
  | { type: 'deleteObjective' }
  | { type: 'removeFinalizer' };

export interface PhaseEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** What is to be done about an Objective now. */
export interface Decision {
  prepare: readonly Preparation[];
  /** The whole status as it should be; equal to the old one where nothing is to be written. */
  status: ObjectiveStatus;
  effects: readonly Effect[];
  events: readonly PhaseEvent[];
  /** Look again after this long, even if nothing wakes us. Undefined: only when something changes. */
  requeueAfterMs: number | undefined;
  /** What was decided, in words, for logs and golden stories. */
  notes: readonly string[];
  phase: ObjectivePhase;
}
