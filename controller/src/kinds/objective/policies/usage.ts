import type { ObjectiveStatus, Usage } from '@dark-carnival/crds';
import { dollars, microDollars } from '@dark-carnival/crds';

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
  const unsettledCostUSD = addMoney(before.unsettledCostUSD, more.unsettledCostUSD);
  // Nor is it believed that more was estimated than there is.
  const estimatedTokens = plus(before.estimatedTokens ?? 0, Math.min(more.estimatedTokens ?? 0, totalOf(more)));
  return {
    inputTokens,
    outputTokens,
    totalTokens: plus(inputTokens, outputTokens),
    ...(estimatedTokens === 0 ? {} : { estimatedTokens }),
    ...(costUSD === undefined ? {} : { costUSD }),
    calls: plus(before.calls, more.calls),
    unsettled: plus(before.unsettled, more.unsettled),
    ...(unsettledCostUSD === undefined ? {} : { unsettledCostUSD }),
  };
}

/** Tokens of a usage as its parts make them. */
export const totalOf = ({ inputTokens, outputTokens }: Usage): number => plus(inputTokens, outputTokens);

/** Books an assignment that will never report: what was last heard of it, and what its grant may have cost besides. */
export function bookLost(status: ObjectiveStatus, lastHeard: Usage | undefined, granted: Outstanding): void {
  const heard = lastHeard ?? NOTHING;
  const unsettled = Math.max(heard.unsettled, (granted.tokens ?? 0) - totalOf(heard));
  const heardUnsettled = microDollars(heard.unsettledCostUSD) ?? 0n;
  const restCost = (granted.microUSD ?? 0n) - (microDollars(heard.costUSD) ?? 0n);
  const unsettledCost = restCost > heardUnsettled ? restCost : heardUnsettled;
  if (lastHeard === undefined && unsettled === 0 && unsettledCost === 0n) return;
  const { unsettledCostUSD: _, ...counted } = heard;
  const lost = unsettledCost > 0n ? { unsettledCostUSD: dollars(unsettledCost) } : {};
  status.usage = addUsage(status.usage, { ...counted, unsettled, ...lost });
}

/** What an assignment may have spent at most, where there is a limit. */
export interface Outstanding {
  tokens?: number | undefined;
  /** Millionths of a dollar; 0 where nobody who may be asked has prices. */
  microUSD?: bigint | undefined;
}

/** Tokens that count against a budget: settled, and those that may have been spent. */
export const spentTokens = (usage: Usage | undefined): number => (usage ? plus(usage.totalTokens, usage.unsettled) : 0);

/** Millionths of a dollar that count against a budget: settled, and those that may have been spent. */
export const spentMicroUSD = (usage: Usage | undefined): bigint =>
  (microDollars(usage?.costUSD) ?? 0n) + (microDollars(usage?.unsettledCostUSD) ?? 0n);

/** Sum of two amounts of money, either of which may be unknown. */
export function addMoney(a: string | undefined, b: string | undefined): string | undefined {
  const left = microDollars(a);
  const right = microDollars(b);
  if (left === undefined && right === undefined) return undefined;
  const sum = dollars((left ?? 0n) + (right ?? 0n));
  return sum.length <= MAX_MONEY ? sum : '9'.repeat(MAX_MONEY);
}
