import type { Plan, PlanTask, TaskStatus } from '@dark-carnival/crds';

export interface ReadyTask {
  planTask: PlanTask;
  task: TaskStatus;
}

/** Tasks that wait for nothing any more, in the order of the plan. */
export function readyTasks(plan: Plan, tasks: readonly TaskStatus[]): ReadyTask[] {
  const byID = new Map(tasks.map((task) => [task.id, task]));
  return plan.tasks.flatMap((planTask) => {
    const task = byID.get(planTask.id);
    const waits = planTask.dependsOn.some((id) => byID.get(id)?.state !== 'Succeeded');
    return task?.state === 'Pending' && !waits ? [{ planTask, task }] : [];
  });
}

/** How many are done, of all. */
export function summarizeTasks(tasks: readonly TaskStatus[]): string {
  return `${tasks.filter(({ state }) => state === 'Succeeded').length}/${tasks.length}`;
}
