import { checkPlan, type PlanProposal } from '@dark-carnival/crds';

/** One thing that a plan must do, checked by code: its words, or a path in it. Patterns are case-insensitive. */
export type Check = { mentions: string } | { avoids: string } | { path: string };

export interface BenchTask {
  id: string;
  directive: string;
  checks: Check[];
}

export const MAX_TASKS = 2;

/** The share of checks that a plan passes, 0 to 1: its own and that it is valid, within its tasks, and instructs rather than names. No plan passes none. */
export function scorePlan({ checks }: BenchTask, plan: PlanProposal | undefined): number {
  if (!plan || !checkPlan(plan, { maxTasks: MAX_TASKS }).ok) return 0;
  // What a task is told must stand alone: a title or a summary is not enough.
  const told = plan.tasks.map(({ instruction }) => instruction).join('\n');
  const paths = plan.tasks.flatMap(({ path }) => path ?? []);
  const passed = checks.filter((check) => passes(check, told, paths)).length;
  const instructs = plan.tasks.every(({ instruction }) => instruction.trim().split(/\s+/).length >= 5);
  return (1 + Number(instructs) + passed) / (checks.length + 2);
}

function passes(check: Check, told: string, paths: readonly string[]): boolean {
  if ('mentions' in check) return new RegExp(check.mentions, 'i').test(told);
  if ('avoids' in check) return !new RegExp(check.avoids, 'i').test(told);
  return paths.some((path) => new RegExp(check.path, 'i').test(path));
}
