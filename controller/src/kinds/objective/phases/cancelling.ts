import { isJobDone } from '@dark-carnival/crds';
import type { JobReport } from '../../../ports/wagon-client.ts';
import { type Draft, requeueIn } from '../draft.ts';
import { type ActiveJob, activeJobs } from '../policies/active-jobs.ts';
import { CANCEL_LIMIT_MS } from '../policies/attempts.ts';
import { judgeTask } from '../policies/claims.ts';
import { settle as book, settleLost } from '../policies/settling.ts';
import type { JobObservation, Snapshot } from '../snapshot.ts';
import { outstandingOf } from './granted.ts';

/** How soon a wagon that was told to stop is asked whether it did. */
const CONFIRM_MS = 1_000;

/**
 * Tells every wagon that still works on this Objective to stop. What has stopped is settled in the draft; a file that was finished before is kept.
 * @returns true once nothing works on it any more, or can be waited for.
 */
export function cancelActive(snapshot: Snapshot, draft: Draft): boolean {
  let over = true;
  for (const active of activeJobs(snapshot.objective.uid, draft.status)) {
    const seen = snapshot.jobs.get(active.id);
    if (stopped(seen) || givenUp(snapshot, active, seen)) {
      settle(snapshot, draft, active, seen);
      continue;
    }
    over = false;
    draft.effects.push({ type: 'cancelJob', wagonName: active.wagonName, id: active.id });
    draft.notes.push(`Cancels ${active.id} on ${active.wagonName}`);
  }
  if (!over) requeueIn(draft, CONFIRM_MS);
  return over;
}

const stopped = (seen: JobObservation | undefined): boolean =>
  seen?.outcome === 'absent' || seen?.outcome === 'refused' || (seen?.outcome === 'found' && isJobDone(seen.job.state));

function givenUp({ lost }: Snapshot, active: ActiveJob, seen: JobObservation | undefined): boolean {
  return lost.has(active.wagonName) || (seen?.outcome === 'silent' && seen.forMs >= CANCEL_LIMIT_MS);
}

function settle(snapshot: Snapshot, draft: Draft, active: ActiveJob, seen: JobObservation | undefined): void {
  const { status } = draft;
  const task = active.kind === 'task' ? status.tasks?.find(({ id }) => id === active.part) : undefined;
  if (seen?.outcome === 'found' && isJobDone(seen.job.state)) book(status, seen.job, snapshot, task);
  else if (seen?.outcome !== 'absent' && seen?.outcome !== 'refused') {
    const granted = outstandingOf(snapshot, draft, active);
    settleLost(status, snapshot.lastHeard.get(active.id), { ...snapshot, granted }, task);
  }
  if (active.kind === 'debate') {
    if (status.debate) delete status.debate.inputsDigest;
    return;
  }
  if (!task) return;
  delete task.inputsDigest;
  const artifact = seen?.outcome === 'found' ? finishedFile(snapshot, draft, active, seen.job) : undefined;
  task.state = artifact ? 'Succeeded' : 'Cancelled';
  if (artifact) task.artifact = artifact;
}

function finishedFile({ objective }: Snapshot, draft: Draft, active: ActiveJob, job: JobReport) {
  const plan = draft.plan?.outcome === 'intact' ? draft.plan.plan : undefined;
  const task = plan?.tasks.find(({ id }) => id === active.part);
  if (!task || job.state !== 'Succeeded' || job.inputsDigest !== active.inputsDigest) return undefined;
  const claim = judgeTask(job, { objectiveName: objective.name, task, wagonName: active.wagonName });
  return claim.outcome === 'believed' ? claim.value : undefined;
}
