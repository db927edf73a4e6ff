import type { Plan, PlanTask } from '@dark-carnival/crds';
import { microDollars } from '@dark-carnival/crds';
import type { Draft } from '../draft.ts';
import { type ActiveJob, activeJobs } from '../policies/active-jobs.ts';
import { type Grant, roundGrant, type Share, taskGrant, taskNeed, taskShare } from '../policies/budget.ts';
import { bookableCost } from '../policies/cost.ts';
import { sharedPromptBytes } from '../policies/plan-document.ts';
import { chainsOf } from '../policies/provider-chains.ts';
import type { Outstanding } from '../policies/usage.ts';
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

/** What a lost assignment may have spent: its grant, as far as there is a limit; no money where nobody who was asked has prices. */
export function outstandingOf(snapshot: Snapshot, draft: Draft, active: ActiveJob): Outstanding {
  const { spec } = snapshot.objective;
  const plan = draft.plan?.outcome === 'intact' ? draft.plan.plan : undefined;
  const task = plan?.tasks.find(({ id }) => id === active.part);
  if (active.kind === 'debate') return asOutstanding(roundGrant(spec.budget, draft.status), isPriced(snapshot));
  if (!plan || !task) return {};
  const { microUSD } = shareOf(snapshot, draft, plan, task);
  return asOutstanding(grantFor(snapshot, draft, plan, task) ?? {}, microUSD > 0n);
}

function asOutstanding({ tokens, costUSD }: Grant, priced: boolean): Outstanding {
  return { tokens, microUSD: priced ? microDollars(costUSD) : 0n };
}

/** Whether somebody in the seats has prices. */
function isPriced(snapshot: Snapshot): boolean {
  const { providers } = snapshot;
  const resolved = chainsOf(snapshot);
  if (resolved.outcome === 'refused') return true;
  const { visionary, critic, tactician } = resolved.chains;
  const one = { input: 1_000_000, output: 1_000_000 };
  return [visionary, critic, tactician].some((chain) => bookableCost(chain, providers, one) > 0n);
}
