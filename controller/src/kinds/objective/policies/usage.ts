import type { ObjectiveStatus, Usage } from '@dark-carnival/crds';
import { dollars, microDollars } from './money.ts';

const NOTHING: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0, calls: 0, unsettled: 0 };
/** Longest amount that the schema of money takes. */
const MAX_MONEY = 20;

const plus = (a: number, b: number) => Math.min(a + b, Number.MAX_SAFE_INTEGER);

/** Sum of two usages. A wagon's total is not believed: it is its two parts. */
export function addUsage(sum: Usage | undefined, more: Usage): Usage {
  const before = sum ?? NOTHING;
  const inputTokens = plus(before.inputTokens, more.inputTokens);
  const outputTokens = plus(before.outputTokens, more.outputTokens);
  const costUSD = addMoney(before.costUSD, more.costUSD);
  return {
    inputTokens,
    outputTokens,
    totalTokens: plus(inputTokens, outputTokens),
    ...(costUSD === undefined ? {} : { costUSD }),
    calls: plus(before.calls, more.calls),
    unsettled: plus(before.unsettled, more.unsettled),
  };
}

/** Books an assignment that will never report: what was last heard of it, and what its grant may have cost besides. */
export function bookLost(
  status: ObjectiveStatus,
  lastHeard: Usage | undefined,
  grantedTokens: number | undefined,
): void {
  const heard = lastHeard ?? NOTHING;
  const rest = Math.max(0, (grantedTokens ?? 0) - heard.inputTokens - heard.outputTokens);
  if (lastHeard === undefined && rest === 0) return;
  status.usage = addUsage(status.usage, { ...heard, unsettled: plus(heard.unsettled, rest) });
}

/** Tokens that count against a budget: settled, and those that may have been spent. */
export const spentTokens = (usage: Usage | undefined): number => (usage ? plus(usage.totalTokens, usage.unsettled) : 0);

function addMoney(a: string | undefined, b: string | undefined): string | undefined {
  const left = microDollars(a);
  const right = microDollars(b);
  if (left === undefined && right === undefined) return undefined;
  const sum = dollars((left ?? 0n) + (right ?? 0n));
  return sum.length <= MAX_MONEY ? sum : '9'.repeat(MAX_MONEY);
}
