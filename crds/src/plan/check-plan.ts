import type { TaskKind } from '../v1alpha1/objective-status.ts';
import { checkPaths } from './check-paths.ts';
import { type PlanIssue, type PlanProposal, type PlanTask, planProposalSchema } from './plan.ts';

/** Kinds of tasks that wagons can do today; a plan with another kind is refused, not half done. */
export const INSTALLED_TASK_KINDS: readonly TaskKind[] = ['File', 'Analysis'];

export interface PlanLimits {
  maxTasks: number;
}

export type PlanCheck = { ok: true; plan: PlanProposal } | { ok: false; issues: PlanIssue[] };

/**
 * Judges a proposed plan: shape, number of tasks, ids, order, paths. Used by the wagon before it asks the model again, and by the
 * controller on what the wagon hands back, since a wagon's words are untrusted. Total: never throws, whatever the input.
 */
export function checkPlan(candidate: unknown, limits: PlanLimits): PlanCheck {
  const parsed = planProposalSchema.safeParse(candidate);
  if (!parsed.success) {
    return {
      ok: false,
      issues: parsed.error.issues
        .slice(0, 20)
        .map((issue) => ({ code: 'Malformed', path: issue.path.join('.'), message: issue.message })),
    };
  }
  const { tasks } = parsed.data;
  const issues = [
    ...checkCount(tasks, limits),
    ...checkIDs(tasks),
    ...checkOrder(tasks),
    ...checkEachTask(tasks),
    ...checkPaths(tasks),
  ];
  return issues.length > 0 ? { ok: false, issues } : { ok: true, plan: parsed.data };
}

function checkCount(tasks: PlanTask[], { maxTasks }: PlanLimits): PlanIssue[] {
  if (tasks.length <= maxTasks) return [];
  return [
    {
      code: 'TooManyTasks',
      path: 'tasks',
      message: `the plan has ${tasks.length} tasks, at most ${maxTasks} are allowed`,
    },
  ];
}

function checkIDs(tasks: PlanTask[]): PlanIssue[] {
  const seen = new Set<string>();
  const issues: PlanIssue[] = [];
  for (const [index, task] of tasks.entries()) {
    if (seen.has(task.id))
      issues.push({ code: 'DuplicateID', path: `tasks.${index}.id`, message: `the id ${task.id} is used twice` });
    seen.add(task.id);
  }
  return issues;
}

/** Every dependency exists, and following them never comes back (Kahn's algorithm: what cannot be ordered is in or behind a cycle). */
function checkOrder(tasks: PlanTask[]): PlanIssue[] {
  const ids = new Set(tasks.map((task) => task.id));
  const unknown = tasks.flatMap((task, index) =>
    task.dependsOn
      .filter((id) => !ids.has(id))
      .map(
        (id): PlanIssue => ({
          code: 'UnknownDependency',
          path: `tasks.${index}.dependsOn`,
          message: `${task.id} depends on ${id}, which is not in the plan`,
        }),
      ),
  );
  if (unknown.length > 0) return unknown;
  const done = new Set<string>();
  let open = tasks;
  for (;;) {
    const ready = open.filter((task) => task.dependsOn.every((id) => done.has(id)));
    if (ready.length === 0) break;
    for (const task of ready) done.add(task.id);
    open = open.filter((task) => !done.has(task.id));
  }
  if (open.length === 0) return [];
  return [
    {
      code: 'Cycle',
      path: 'tasks',
      message: `these tasks wait for each other: ${open.map((task) => task.id).join(', ')}`,
    },
  ];
}

function checkEachTask(tasks: PlanTask[]): PlanIssue[] {
  return tasks.flatMap((task, index): PlanIssue[] => {
    const issues: PlanIssue[] = [];
    if (!INSTALLED_TASK_KINDS.includes(task.kind)) {
      issues.push({
        code: 'KindNotInstalled',
        path: `tasks.${index}.kind`,
        message: `tasks of kind ${task.kind} are not installed; use ${INSTALLED_TASK_KINDS.join(' or ')}`,
      });
    }
    if (task.kind === 'File' && task.path === undefined) {
      issues.push({ code: 'MissingPath', path: `tasks.${index}.path`, message: 'a File task needs a path' });
    }
    if (task.acceptance.type === 'Contains' && task.acceptance.value === undefined) {
      issues.push({
        code: 'MissingAcceptanceValue',
        path: `tasks.${index}.acceptance`,
        message: 'acceptance Contains needs a value',
      });
    }
    return issues;
  });
}
