import { OBJECTIVE_LIMITS, type TaskAssignment } from '@dark-carnival/crds';
import { clip } from '@dark-carnival/crds/text';
import type { JobEnding } from '../journal/job-record.ts';
import { buildTask } from '../swarm/build-task.ts';
import type { DependencyText } from '../swarm/task-prompt.ts';
import type { Vault } from '../vault/vault.ts';
import { VaultError } from '../vault/vault-error.ts';
import { commitFile } from './commit-file.ts';
import { toJobFailure } from './failure.ts';
import type { JobContext, JobDeps } from './job-context.ts';
import { journaledAsk } from './journaled-ask.ts';

const EXCERPT = 256;

/**
 * Does one task and stores what it leaves.
 * @throws what ends a job: see toJobFailure.
 */
export async function runTask(assignment: TaskAssignment, context: JobContext, deps: JobDeps): Promise<JobEnding> {
  const { id: jobID, objective } = context.assignment;
  const { id: taskID, title } = assignment.task;
  const about = { objective, jobID, taskID };
  deps.emit({ type: 'task-start', ...about, title });
  try {
    const built = await buildTask(assignment, {
      ask: journaledAsk(context, deps),
      clock: context.hold.workClock(),
      readDependency: (dependency) => readDependency(deps.vault, dependency),
    });
    const { path, content, provider, model, rehearsal, usage, note, passedOver } = built;
    const origin = { task: taskID, title, provider, model, rehearsal, usage };
    const told = passedOver === undefined ? {} : { passedOver: passedOver.slice(0, OBJECTIVE_LIMITS.passedOver) };
    const artifact = await commitFile(context, { path, content, origin }, deps);
    deps.emit({ type: 'task-end', ...about, outcome: 'Succeeded', file: artifact.file });
    return {
      state: 'Succeeded',
      output: { task: { provider, model, ...told, artifact, excerpt: clip(content.trim(), EXCERPT) } },
      ...(note === undefined ? {} : { message: note }),
    };
  } catch (error) {
    if (context.cancelled.aborted) deps.emit({ type: 'task-end', ...about, outcome: 'Cancelled' });
    else if (!context.interrupted.aborted) {
      const message = clip(deps.scrub(toJobFailure(error).message), 1024);
      deps.emit({ type: 'task-end', ...about, outcome: 'Failed', message });
    }
    throw error;
  }
}

/** What an earlier task left, if this wagon holds exactly what the plan's later tasks are to build on. */
async function readDependency(
  vault: Vault,
  { id, title, file, sha256 }: TaskAssignment['dependencies'][number],
): Promise<DependencyText> {
  const path = file.slice(file.indexOf('/') + 1);
  try {
    const found = await vault.read(file);
    if (found.sha256 === sha256) return { id, title, path, text: found.content.toString('utf8') };
    return { id, title, path, note: 'the file was changed since the task wrote it' };
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return { id, title, path, note: 'the file is not on this wagon' };
  }
}
