import type { Plan, PlanTask } from '@dark-carnival/crds';
import type { Draft } from '../draft.ts';
import { type ActiveJob, activeJobs } from '../policies/active-jobs.ts';
import { roundGrant, taskGrant, taskGrantSize, taskNeed } from '../policies/budget.ts';
import { sharedPromptBytes } from '../policies/plan-document.ts';
import type { NamedText, Snapshot } from '../snapshot.ts';

const contextOf = ({ texts }: Draft): readonly NamedText[] => (texts && 'context' in texts ? texts.context : []);

/** Tokens that one task of a plan asks for. */
function sizeOf({ objective }: Snapshot, draft: Draft, plan: Plan, task: PlanTask): number {
  const sharedBytes = sharedPromptBytes(objective.spec.directive, contextOf(draft));
  return taskGrantSize(taskNeed(task, { maxTokens: plan.execution.maxTokens, sharedBytes }));
}

/** The grant for one task beside those that run, or undefined while the others hold what it needs. */
export function grantFor(
  snapshot: Snapshot,
  draft: Draft,
  plan: Plan,
  task: PlanTask,
): { tokens?: number } | undefined {
  const outstanding = activeJobs(snapshot.objective.uid, { ...draft.status, phase: 'Executing' })
    .filter(({ part }) => part !== task.id)
    .map(({ part }) => plan.tasks.find(({ id }) => id === part))
    .reduce((sum, other) => sum + (other ? sizeOf(snapshot, draft, plan, other) : 0), 0);
  const need = sizeOf(snapshot, draft, plan, task);
  return taskGrant(snapshot.objective.spec.budget?.maxTokens, draft.status, { need, outstanding });
}

/** Tokens that an assignment was granted, undefined where there is no limit: what a lost one may have spent. */
export function grantedTokens(snapshot: Snapshot, draft: Draft, active: ActiveJob): number | undefined {
  const { spec } = snapshot.objective;
  if (active.kind === 'debate') return roundGrant(spec.budget, draft.status).tokens;
  const plan = draft.plan?.outcome === 'intact' ? draft.plan.plan : undefined;
  const task = plan?.tasks.find(({ id }) => id === active.part);
  return plan && task ? grantFor(snapshot, draft, plan, task)?.tokens : undefined;
}
