import type { ObjectiveSpec, Plan, PlanTask, TaskStatus } from '@dark-carnival/crds';
import type { WagonFacts } from '../snapshot.ts';
import { type Placement, place } from './placement.ts';

export interface TaskPlacementRequest {
  spec: Pick<ObjectiveSpec, 'wagonName' | 'wagonSelector'>;
  plan: Plan;
  task: PlanTask;
  /** The wagon that hosted the debate. */
  host: string | undefined;
  tasks: readonly TaskStatus[];
  wagons: readonly WagonFacts[];
}

/**
 * Where a task runs. Tasks that build on each other stay on the host, since a wagon reads the files of the tasks before from its own vault; one that
 * stands alone goes to whoever is free. A role that some wagon has is kept to.
 */
export function placeTask({ spec, plan, task, host, tasks, wagons }: TaskPlacementRequest): Placement {
  const { providers, model, maxTokens } = plan.execution;
  const chains = [{ providers, ...(model === undefined ? {} : { model }), maxTokens }];
  const own = slotsByWagon(tasks);
  const avoid = wagonAtFault(tasks.find(({ id }) => id === task.id));
  const withRole = wagons.filter(({ role }) => role.toLowerCase() === task.role?.toLowerCase());
  const candidates = withRole.length > 0 && spec.wagonName === undefined ? withRole : wagons;
  const onHost = place({ spec, chains, host, avoid, own }, candidates);
  const mayLeave = onHost.outcome === 'queued' && onHost.cause.reason === 'NoFreeWagon' && standsAlone(task, plan);
  return mayLeave ? place({ spec, chains, avoid, own }, candidates) : onHost;
}

/** Failures that are the wagon's, not the work's: another one may do better. */
const WAGON_FAULTS = ['WagonLost', 'AssignmentRefused', 'ForeignAssignment', 'ClaimRefused'];

function wagonAtFault(task: TaskStatus | undefined): string | undefined {
  return WAGON_FAULTS.some((fault) => task?.message?.startsWith(`${fault}:`)) ? task?.wagonName : undefined;
}

function standsAlone(task: PlanTask, plan: Plan): boolean {
  return task.dependsOn.length === 0 && !plan.tasks.some(({ dependsOn }) => dependsOn.includes(task.id));
}

function slotsByWagon(tasks: readonly TaskStatus[]): Map<string, number> {
  const slots = new Map<string, number>();
  for (const { state, wagonName } of tasks) {
    if (state === 'Running' && wagonName !== undefined) slots.set(wagonName, (slots.get(wagonName) ?? 0) + 1);
  }
  return slots;
}
