import type { Assignment, ObjectiveSpec, ObjectiveStatus, PlanTask, Usage } from '@dark-carnival/crds';
import { dollars, microDollars } from '@dark-carnival/crds';
import type { Cause } from '../draft.ts';
import { spentMicroUSD, spentTokens } from './usage.ts';
import { workedSeconds } from './work-time.ts';

export type Grant = Assignment['grant'];
type Budget = ObjectiveSpec['budget'];

/** Reason of the end of whatever has used up its budget: the wagon's word (JOB_FAILURES) and ours. */
export const BUDGET_EXHAUSTED = 'BudgetExhausted';

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

/** Whether the budget ended the debate: then a retry goes on where it was, and buys nothing again. */
export const endedByBudget = ({ phase, debate }: ObjectiveStatus): boolean =>
  phase === 'Failed' && debate?.stopReason === BUDGET_EXHAUSTED;

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

/** Whether what is left would not pay for another round that uses as much as this one did. */
export function fallsShort(
  budget: Budget,
  status: ObjectiveStatus,
  { usage, nowMs }: { usage: Usage; nowMs: number },
): boolean {
  const cost = remainingCost(budget, status);
  return (
    exhausted(budget, status, nowMs) !== undefined ||
    (budget?.maxTokens !== undefined && remainingTokens(budget.maxTokens, status) < usage.totalTokens) ||
    (cost !== undefined && cost < (microDollars(usage.costUSD) ?? 0n))
  );
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

/** What one task takes of the budget: tokens, and money in millionths of a dollar. */
export interface Share {
  tokens: number;
  microUSD: bigint;
}

/** The share of a task: it may be asked twice. `costOf` prices tokens. */
export function taskShare(
  need: { input: number; output: number },
  costOf: (tokens: { input: number; output: number }) => bigint,
): Share {
  const asked = { input: CALLS_PER_TASK * need.input, output: CALLS_PER_TASK * need.output };
  return { tokens: asked.input + asked.output, microUSD: costOf(asked) };
}

/**
 * The grant for one task, or undefined while others hold what it needs. Tasks run side by side: settled + outstanding grants never exceed the budget. All
 * of it follows from plan and status, so a restarted controller finds the same grants. A task that runs alone may have the whole rest.
 */
export function taskGrant(
  budget: Budget,
  status: ObjectiveStatus,
  { need, outstanding }: { need: Share; outstanding: readonly Share[] },
): Grant | undefined {
  const alone = outstanding.length === 0;
  const tokens = budget?.maxTokens === undefined ? undefined : remainingTokens(budget.maxTokens, status);
  const cost = remainingCost(budget, status);
  const ofTokens = part(
    tokens === undefined ? undefined : BigInt(tokens),
    BigInt(need.tokens),
    outstanding.map((other) => BigInt(other.tokens)),
  );
  const ofCost = part(
    cost,
    need.microUSD,
    outstanding.map(({ microUSD }) => microUSD),
  );
  if (ofTokens === 'none' || ofCost === 'none') return undefined;
  return {
    ...(ofTokens === undefined ? {} : { tokens: Number(ofTokens) }),
    // What has no price books no cost: the rest bounds it as well as anything.
    ...(ofCost === undefined ? {} : { costUSD: dollars(alone || need.microUSD > 0n ? ofCost : (cost ?? 0n)) }),
  };
}

/** A part of what is left that covers the need beside the others; undefined where there is no limit, `none` where it has to wait. */
function part(left: bigint | undefined, need: bigint, others: readonly bigint[]): bigint | 'none' | undefined {
  if (left === undefined) return undefined;
  const free = left - others.reduce((sum, other) => sum + other, 0n);
  if (others.length === 0) return free > 0n ? (free < need || need === 0n ? free : need) : 'none';
  return free >= need ? need : 'none';
}

const remainingTokens = (maxTokens: number, status: ObjectiveStatus) =>
  Math.max(0, maxTokens - spentTokens(status.usage));

function remainingCost(budget: Budget, status: ObjectiveStatus): bigint | undefined {
  const limit = microDollars(budget?.maxCostUSD);
  return limit === undefined ? undefined : limit - spentMicroUSD(status.usage);
}

const ended = (message: string): Cause => ({
  reason: BUDGET_EXHAUSTED,
  message: `${message}; raise spec.budget and spec.retry to go on`,
});
