import type { ObjectiveStatus, TaskStatus } from '@dark-carnival/crds';
import type { JobReport } from '../../../ports/wagon-client.ts';
import type { Snapshot } from '../snapshot.ts';
import { bookDay } from './day-spending.ts';
import { addMoney, addUsage, bookLost, type Outstanding, totalOf } from './usage.ts';

type Facts = Pick<Snapshot, 'nowMs' | 'providers'>;

/**
 * Books what an attempt that is over has consumed: in the Objective's usage, by provider and day, and at its task. It is one write with the end of the attempt, so
 * each is counted exactly once.
 */
export function settle(status: ObjectiveStatus, job: JobReport, facts: Facts, task?: TaskStatus): void {
  status.usage = addUsage(status.usage, job.usage);
  bookDay(status, job.takenBy, facts);
  if (task) bookTask(task, job);
}

/** The same for an attempt that will never report: what was last heard of it, and what its grant may have cost besides. */
export function settleLost(
  status: ObjectiveStatus,
  heard: JobReport | undefined,
  { granted, ...facts }: Facts & { granted: Outstanding },
  task?: TaskStatus,
): void {
  bookLost(status, heard?.usage, granted);
  if (!heard) return;
  bookDay(status, heard.takenBy, facts);
  if (task) bookTask(task, heard);
}

/** All attempts of a task together, as their usage is in the Objective's. */
function bookTask(task: TaskStatus, { usage }: JobReport): void {
  const tokens = Math.min((task.tokens ?? 0) + totalOf(usage), Number.MAX_SAFE_INTEGER);
  const costUSD = addMoney(task.costUSD, usage.costUSD);
  if (tokens > 0) task.tokens = tokens;
  if (costUSD !== undefined) task.costUSD = costUSD;
}
