import type { Plan, PlanTask, TaskStatus } from '@dark-carnival/crds';
import { type Cause, type Draft, requeueIn } from '../draft.ts';
import { taskAssignment } from '../policies/assignments.ts';
import { exhausted } from '../policies/budget.ts';
import { isSpendingNews } from '../policies/daily-cap.ts';
import { wasRefused } from '../policies/job-verdict.ts';
import { readyTasks } from '../policies/task-order.ts';
import { placeTask } from '../policies/task-placement.ts';
import type { NamedText, Snapshot } from '../snapshot.ts';
import { grantFor } from './granted.ts';

/**
 * Gives out tasks whose predecessors are done, in the order of the plan: as many at once as the plan allows, wagons are free and the budget covers.
 * @returns what holds up the first that could not be given, or undefined.
 */
export function assignTasks(snapshot: Snapshot, draft: Draft, plan: Plan): Cause | undefined {
  const tasks = draft.status.tasks ?? [];
  const { texts } = draft;
  if (texts === undefined || 'missing' in texts) return undefined;
  if (isSpendingNews(snapshot, draft.status)) {
    requeueIn(draft, 0);
    return undefined;
  }
  let running = tasks.filter(({ state }) => state === 'Running').length;
  let held: Cause | undefined;
  for (const { planTask, task } of readyTasks(plan, tasks)) {
    if (running >= plan.execution.parallelism) break;
    const cause = assign(snapshot, draft, { plan, planTask, task, context: texts.context });
    if (cause === undefined) running += 1;
    else held ??= cause;
  }
  return held;
}

interface Candidate {
  plan: Plan;
  planTask: PlanTask;
  task: TaskStatus;
  context: readonly NamedText[];
}

/** Records wagon, attempt and digest; the assignment itself goes out once that is written. @returns why it could not be given. */
function assign(snapshot: Snapshot, draft: Draft, { plan, planTask, task, context }: Candidate): Cause | undefined {
  const { objective, nowMs, leaderEpoch } = snapshot;
  const { status } = draft;
  const spent = exhausted(objective.spec.budget, status, nowMs);
  if (spent) return spent;
  const placement = placeTask({
    spec: objective.spec,
    plan,
    task: planTask,
    host: status.wagonName,
    tasks: status.tasks ?? [],
    wagons: [...snapshot.wagons.values()],
  });
  if (placement.outcome === 'queued') return placement.cause;
  const grant = grantFor(snapshot, draft, plan, planTask);
  if (!grant) return { reason: 'BudgetReserved', message: 'the tasks that run hold the rest of the budget' };
  const attempt = (task.attempt ?? 0) + 1;
  const { wagon } = placement;
  const assignment = taskAssignment({
    objective,
    plan,
    planHash: status.plan?.hash ?? '',
    task: planTask,
    attempt,
    tasks: status.tasks ?? [],
    context,
    grant,
    wagon,
    known: snapshot.providers,
    leaderEpoch,
    afresh: wasRefused(task),
  });
  Object.assign(task, { state: 'Running', wagonName: wagon.name, attempt, inputsDigest: assignment.inputsDigest });
  draft.effects.push({ type: 'putJob', wagonName: wagon.name, assignment });
  draft.notes.push(`${task.id}, attempt ${attempt} on ${wagon.name}`);
  return undefined;
}
