import type { Plan, PlanTask } from '@dark-carnival/crds';
import type { Draft } from '../draft.ts';
import { type ActiveJob, activeJobs } from '../policies/active-jobs.ts';
import { type Grant, roundGrant, type Share, taskGrant, taskNeed, taskShare } from '../policies/budget.ts';
import { bookableCost } from '../policies/cost.ts';
import { sharedPromptBytes } from '../policies/plan-document.ts';
import type { NamedText, Snapshot } from '../snapshot.ts';

const contextOf = ({ texts }: Draft): readonly NamedText[] => (texts && 'context' in texts ? texts.context : []);

/** Tokens and money that one task of a plan asks for. */
function shareOf({ objective, providers }: Snapshot, draft: Draft, plan: Plan, task: PlanTask): Share {
  const sharedBytes = sharedPromptBytes(objective.spec.directive, contextOf(draft));
  const need = taskNeed(task, { maxTokens: plan.execution.maxTokens, sharedBytes });
  return taskShare(need, (tokens) => bookableCost(plan.execution, providers, tokens));
}

/** The grant for one task beside those that run, or undefined while the others hold what it needs. */
export function grantFor(snapshot: Snapshot, draft: Draft, plan: Plan, task: PlanTask): Grant | undefined {
  const outstanding: Share[] = activeJobs(snapshot.objective.uid, { ...draft.status, phase: 'Executing' })
    .filter(({ part }) => part !== task.id)
    .flatMap(({ part }) => plan.tasks.find(({ id }) => id === part) ?? [])
    .map((other) => shareOf(snapshot, draft, plan, other));
  return taskGrant(snapshot.objective.spec.budget, draft.status, {
    need: shareOf(snapshot, draft, plan, task),
    outstanding,
  });
}

/** Tokens that an assignment was granted, undefined where there is no limit: what a lost one may have spent. */
export function grantedTokens(snapshot: Snapshot, draft: Draft, active: ActiveJob): number | undefined {
  const { spec } = snapshot.objective;
  if (active.kind === 'debate') return roundGrant(spec.budget, draft.status).tokens;
  const plan = draft.plan?.outcome === 'intact' ? draft.plan.plan : undefined;
  const task = plan?.tasks.find(({ id }) => id === active.part);
  return plan && task ? grantFor(snapshot, draft, plan, task)?.tokens : undefined;
}
