import { isJobDone } from '@dark-carnival/crds';
import { type Draft, requeueIn } from '../draft.ts';
import { type ActiveJob, activeJobs } from '../policies/active-jobs.ts';
import { POLL_MS } from '../policies/job-verdict.ts';
import type { JobObservation, Snapshot } from '../snapshot.ts';

/**
 * Tells every wagon that works on a paused Objective to begin no further call. Repeated until each says that it holds: also one that cannot be reached, and one
 * that does not have its assignment yet. What it finishes meanwhile is kept.
 */
export function holdActive(snapshot: Snapshot, draft: Draft): void {
  for (const active of assigned(snapshot, draft)) {
    const seen = snapshot.jobs.get(active.id);
    if (isOver(seen) || saysHeld(active, seen)) continue;
    order(draft, active, true);
    requeueIn(draft, POLL_MS);
  }
}

/** Lets go on what a wagon still holds of an Objective that is not paused any more. */
export function releaseActive(snapshot: Snapshot, draft: Draft): void {
  for (const active of assigned(snapshot, draft)) {
    if (saysHeld(active, snapshot.jobs.get(active.id))) order(draft, active, false);
  }
}

const assigned = ({ objective }: Snapshot, draft: Draft) =>
  activeJobs(objective.uid, { ...draft.status, phase: draft.phase });

const isOver = (seen: JobObservation | undefined) =>
  seen?.outcome === 'refused' || (seen?.outcome === 'found' && isJobDone(seen.job.state));

const saysHeld = ({ inputsDigest }: ActiveJob, seen: JobObservation | undefined) =>
  seen?.outcome === 'found' && seen.job.held === true && seen.job.inputsDigest === inputsDigest;

function order(draft: Draft, { id, wagonName }: ActiveJob, held: boolean): void {
  draft.effects.push({ type: 'holdJob', wagonName, id, held });
  draft.notes.push(`${held ? 'Holds' : 'Lets go on'} ${id} on ${wagonName}`);
}
