import type { ModelProvider, Objective } from '@dark-carnival/crds';

/** The UTC day of a moment, as `spentToday.day` names it. */
export const dayOf = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 10);

/** A cap that is used up. */
export interface ReachedCap {
  maxCostUSD: string;
  /** Beginning of the next UTC day, RFC 3339: then it counts from nothing. */
  resumesAt: string;
}

/** What the Objectives of a namespace have settled today, by provider: `spec.limits.maxCostUSDPerDay` is judged by it. */
export interface DaySpending {
  /** Undefined while less is spent than the provider may take in a day, or where it has no cap. */
  reachedCap(provider: ModelProvider): ReachedCap | undefined;
  /** What we have written ourselves, before the cache tells of it. */
  heard(objective: Objective): void;
  /** Takes over what an Objective that goes has spent today: its own record goes with it. Safe to repeat. @throws TransientError */
  carry(objective: Objective, spent: SpentToday): Promise<void>;
  /** Told when the sum of a provider has changed. @returns ends it */
  onChange(listener: (namespace: string, provider: string) => void): () => void;
}

/** What an Objective settled on one UTC day. */
export type SpentToday = NonNullable<NonNullable<Objective['status']>['spentToday']>;
