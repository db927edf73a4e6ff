import type { Assignment, ObjectiveSpec, ObjectiveStatus, PlanTask } from '@dark-carnival/crds';
import type { Cause } from '../draft.ts';
import { dollars, microDollars } from './money.ts';
import { spentTokens } from './usage.ts';
import { workedSeconds } from './work-time.ts';

type Grant = Assignment['grant'];
type Budget = ObjectiveSpec['budget'];

/** Bytes of prompt around the parts that are counted one by one. */
const PROMPT_OVERHEAD_BYTES = 6000;
/** Few tokenizers make more than one token of three bytes. */
const BYTES_PER_TOKEN = 3;
/** A task may be asked twice: a first answer that is cut off or not accepted was paid for too. */
const CALLS_PER_TASK = 2;

/** What has run out, or undefined. Looked at before each assignment; while one runs its grant bounds tokens and cost, and `outOfTime` its time. */
export function exhausted(budget: Budget, status: ObjectiveStatus, nowMs: number): Cause | undefined {
  if (budget?.maxTokens !== undefined && spentTokens(status.usage) >= budget.maxTokens) {
    return ended(`${spentTokens(status.usage)} of ${budget.maxTokens} tokens are used`);
  }
  const cost = remainingCost(budget, status);
  if (cost !== undefined && cost <= 0n) return ended(`the cost has reached ${budget?.maxCostUSD} USD`);
  return outOfTime(budget, status, nowMs);
}

/** Whether the time of work is over: then also what runs is stopped, and what is finished is kept. */
export function outOfTime(budget: Budget, status: ObjectiveStatus, nowMs: number): Cause | undefined {
  const left = timeLeftMs(budget, status, nowMs);
  return left !== undefined && left <= 0 ? ended(`${budget?.maxDurationSeconds} s of work are over`) : undefined;
}

/** Milliseconds of work that are left, 0 or less where none are; undefined where there is no limit. */
export function timeLeftMs(budget: Budget, status: ObjectiveStatus, nowMs: number): number | undefined {
  const limit = budget?.maxDurationSeconds;
  return limit === undefined ? undefined : (limit - workedSeconds(status, nowMs)) * 1000;
}

/** A round runs alone, so it is granted all that is left. */
export function roundGrant(budget: Budget, status: ObjectiveStatus): Grant {
  const cost = remainingCost(budget, status);
  return {
    ...(budget?.maxTokens === undefined ? {} : { tokens: remainingTokens(budget.maxTokens, status) }),
    ...(cost === undefined ? {} : { costUSD: dollars(cost > 0n ? cost : 0n) }),
  };
}

/** What one task needs at most, for the forecast: its longest answer, and everything that it is told. */
export function taskNeed(
  task: PlanTask,
  { maxTokens, sharedBytes }: { maxTokens: number; sharedBytes: number },
): { input: number; output: number } {
  const told = PROMPT_OVERHEAD_BYTES + sharedBytes + Buffer.byteLength(task.instruction);
  return { input: Math.ceil(told / BYTES_PER_TOKEN) + task.dependsOn.length * maxTokens, output: maxTokens };
}

/**
 * Tokens for one task, or undefined while others hold what it needs. Tasks run side by side: settled + outstanding grants never exceed the budget. All
 * of it follows from plan and status, so a restarted controller finds the same grants. A task that runs alone may have the whole rest.
 */
export function taskGrant(
  maxTokens: number | undefined,
  status: ObjectiveStatus,
  { need, outstanding }: { need: number; outstanding: number },
): { tokens?: number } | undefined {
  if (maxTokens === undefined) return {};
  const left = remainingTokens(maxTokens, status) - outstanding;
  if (left >= need) return { tokens: need };
  return outstanding === 0 && left > 0 ? { tokens: left } : undefined;
}

export const taskGrantSize = (need: { input: number; output: number }): number =>
  CALLS_PER_TASK * (need.input + need.output);

const remainingTokens = (maxTokens: number, status: ObjectiveStatus) =>
  Math.max(0, maxTokens - spentTokens(status.usage));

function remainingCost(budget: Budget, status: ObjectiveStatus): bigint | undefined {
  const limit = microDollars(budget?.maxCostUSD);
  return limit === undefined ? undefined : limit - (microDollars(status.usage?.costUSD) ?? 0n);
}

const ended = (message: string): Cause => ({
  reason: 'BudgetExhausted',
  message: `${message}; raise spec.budget and spec.retry to go on`,
});
