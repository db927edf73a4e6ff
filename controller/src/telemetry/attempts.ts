import type { JobKind, ObjectiveStatus, TaskStatus } from '@dark-carnival/crds';
import { jobID } from '@dark-carnival/crds';

/** An attempt at a round or a task that status shows as under way. */
export interface OpenAttempt {
  id: string;
  kind: JobKind;
  /** Round or task id. */
  part: string;
  attempt: number;
  wagonName: string | undefined;
}

/** Attempts under way, by status alone. */
export function openAttempts(uid: string, status: ObjectiveStatus | undefined): Map<string, OpenAttempt> {
  const attempts = new Map<string, OpenAttempt>();
  const add = (kind: JobKind, part: string, attempt: number | undefined, wagonName: string | undefined) => {
    if (attempt === undefined) return;
    const id = jobID({ uid, kind, part, attempt });
    attempts.set(id, { id, kind, part, attempt, wagonName });
  };
  const { phase, debate, tasks = [], wagonName } = status ?? {};
  if ((phase === 'Scheduled' || phase === 'Debating') && debate?.inputsDigest !== undefined)
    add('debate', String(debate.round), debate.attempt, wagonName);
  if (phase === 'Executing')
    for (const task of tasks) if (task.state === 'Running') add('task', task.id, task.attempt, task.wagonName);
  return attempts;
}

/** What ended an attempt, as far as status tells; undefined where it went well. */
export function faultOf({ kind, part, attempt }: OpenAttempt, after: ObjectiveStatus): string | undefined {
  return kind === 'task'
    ? taskFault(
        after.tasks?.find(({ id }) => id === part),
        attempt,
      )
    : roundFault(part, attempt, after);
}

function taskFault(task: TaskStatus | undefined, attempt: number): string | undefined {
  if (task?.state === 'Succeeded') return undefined;
  if (task?.state === 'Pending' || task?.attempt !== attempt) return task?.message ?? 'the attempt was given up';
  return task.message ?? task.state;
}

function roundFault(part: string, attempt: number, { phase, debate }: ObjectiveStatus): string | undefined {
  const isSameRound = String(debate?.round) === part;
  if (isSameRound && debate?.attempt !== undefined && debate.attempt !== attempt) return 'the attempt was given up';
  if (phase === 'Failed' || phase === 'Aborted') return debate?.stopReason ?? phase;
  return isSameRound && phase === 'Pending' ? 'the attempt was given up' : undefined;
}
