import type { ObjectivePhase, ObjectiveStatus } from '@dark-carnival/crds';
import type { Effect, PhaseEvent, Preparation } from './decision.ts';
import type { MissingTexts, Snapshot, StoredPlan, Texts } from './snapshot.ts';

/** Why an Objective ended badly, or why it waits. `reason` is a condition reason. */
export interface Cause {
  reason: string;
  message: string;
}

/** A decision in the making. Phases change it; nothing else does. */
export interface Draft {
  /** A copy that is changed in place. */
  status: ObjectiveStatus;
  phase: ObjectivePhase;
  /** The phase that status had when the pass began. */
  readonly enteredAs: ObjectivePhase;
  prepare: Preparation[];
  effects: Effect[];
  events: PhaseEvent[];
  notes: string[];
  requeueAfterMs: number | undefined;
  /** The spec names something that does not exist. */
  notAccepted: Cause | undefined;
  /** Why it failed, from the pass in which it did. */
  failure: Cause | undefined;
  /** The snapshot's, or the one that this pass made or asks about again: its ConfigMap is written before status is. */
  plan: StoredPlan | undefined;
  /** The snapshot's, with what this pass added: a round that just finished, a feedback that was just taken. */
  texts: Texts | MissingTexts | undefined;
  /** An answer of this pass was refused: the attempt that follows must not be handed it again. */
  refusedClaim: boolean;
  /** What holds up work while the phase stays, such as a limit or a missing provider. */
  waiting: Cause | undefined;
}

/** `moved`: the phase changed, decide again in the same pass. `settled`: nothing more to decide now. */
export type Step = 'moved' | 'settled';
export type Phase = (snapshot: Snapshot, draft: Draft) => Step;

export function openDraft({ objective, texts, storedPlan }: Snapshot): Draft {
  const status = structuredClone(objective.status);
  const phase = status.phase ?? 'Pending';
  return {
    status,
    phase,
    enteredAs: phase,
    prepare: [],
    effects: [],
    events: [],
    notes: [],
    requeueAfterMs: undefined,
    notAccepted: undefined,
    failure: undefined,
    plan: storedPlan,
    texts,
    refusedClaim: false,
    waiting: undefined,
  };
}

/** Enters a phase. */
export function moveTo(draft: Draft, phase: ObjectivePhase, note: string): Step {
  draft.phase = phase;
  draft.notes.push(`${phase}: ${note}`);
  return 'moved';
}

/** Ends the Objective as Failed; whatever it has is kept. */
export function fail(draft: Draft, cause: Cause): Step {
  draft.failure = cause;
  return moveTo(draft, 'Failed', `${cause.reason}: ${cause.message}`);
}

/** Looks again after at most `ms`. */
export function requeueIn(draft: Draft, ms: number): void {
  draft.requeueAfterMs = Math.min(draft.requeueAfterMs ?? Number.POSITIVE_INFINITY, Math.max(0, ms));
}

/** Waits in the phase that it is in, for a wagon or a provider. `since` stays while the wait goes on. */
export function queueFor(draft: Draft, nowMs: number, cause: Cause): void {
  draft.waiting = cause;
  draft.status.queue = { reason: cause.reason, since: draft.status.queue?.since ?? timestamp(nowMs) };
  draft.notes.push(`Waits: ${cause.reason}`);
}

/** RFC 3339 in whole seconds, as metav1.Time. */
export function timestamp(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
