import { OBJECTIVE_LIMITS, type ObjectiveStatus } from '@dark-carnival/crds';
import { dayOf } from '../../../ports/day-spending.ts';
import type { JobReport } from '../../../ports/wagon-client.ts';
import type { Snapshot } from '../snapshot.ts';
import { addMoney } from './usage.ts';

/**
 * Adds what each provider took to the Objective's part of today's spending; what it spent on earlier days is forgotten. Names that are no ModelProvider are a
 * wagon's mistake: no cap can mean them.
 */
export function bookDay(
  status: ObjectiveStatus,
  takenBy: JobReport['takenBy'],
  { nowMs, providers }: Pick<Snapshot, 'nowMs' | 'providers'>,
): void {
  const known = new Set(providers.map(({ name }) => name));
  const taken = (takenBy ?? []).filter(({ provider, costUSD }) => known.has(provider) && Number(costUSD) > 0);
  if (taken.length === 0) return;
  const day = dayOf(nowMs);
  const sums = new Map<string, string>();
  const before = status.spentToday?.day === day ? status.spentToday.providers : [];
  for (const { provider, costUSD } of [...before, ...taken]) {
    const sum = addMoney(sums.get(provider), costUSD);
    if (sum !== undefined) sums.set(provider, sum);
  }
  const entries = [...sums].map(([provider, costUSD]) => ({ provider, costUSD }));
  // More than fit: the ones that cost most are kept, since caps are about them.
  const kept = entries.sort((a, b) => Number(b.costUSD) - Number(a.costUSD)).slice(0, OBJECTIVE_LIMITS.dayProviders);
  status.spentToday = { day, providers: kept.sort((a, b) => (a.provider < b.provider ? -1 : 1)) };
}
