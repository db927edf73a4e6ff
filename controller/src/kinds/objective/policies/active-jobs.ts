import { type JobKind, jobID, type ObjectiveStatus } from '@dark-carnival/crds';

/** An assignment that status names as given. */
export interface ActiveJob {
  id: string;
  kind: JobKind;
  /** Round or task id. */
  part: string;
  attempt: number;
  wagonName: string;
  inputsDigest: string;
}

/** Assignments that wagons hold or are about to be given, by status alone: what a restarted controller goes on from. */
export function activeJobs(uid: string, status: ObjectiveStatus): ActiveJob[] {
  if (status.phase === 'Scheduled' || status.phase === 'Debating') return activeRound(uid, status);
  if (status.phase === 'Executing') return activeTasks(uid, status);
  return [];
}

function activeRound(uid: string, { debate, wagonName }: ObjectiveStatus): ActiveJob[] {
  if (!debate?.attempt || debate.inputsDigest === undefined || wagonName === undefined) return [];
  const key = { uid, kind: 'debate' as const, part: String(debate.round), attempt: debate.attempt };
  return [{ id: jobID(key), ...key, wagonName, inputsDigest: debate.inputsDigest }];
}

function activeTasks(uid: string, { tasks }: ObjectiveStatus): ActiveJob[] {
  return (tasks ?? []).flatMap(({ id, state, attempt, wagonName, inputsDigest }) => {
    if (state !== 'Running' || !attempt || wagonName === undefined || inputsDigest === undefined) return [];
    const key = { uid, kind: 'task' as const, part: id, attempt };
    return [{ id: jobID(key), ...key, wagonName, inputsDigest }];
  });
}
