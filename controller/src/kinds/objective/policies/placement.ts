import { type ObjectiveSpec, type ProviderChain, REHEARSAL_NAME } from '@dark-carnival/crds';
import type { Cause } from '../draft.ts';
import type { WagonFacts } from '../snapshot.ts';
import { matchesSelector } from './selector.ts';

export interface PlacementRequest {
  spec: Pick<ObjectiveSpec, 'wagonName' | 'wagonSelector'>;
  /** Chains of which each must reach at least one provider. */
  chains: readonly ProviderChain[];
  /** The wagon that has hosted so far: kept while it can go on, because the files lie there. */
  host?: string | undefined;
  /** A wagon that just failed: taken only where there is no other. */
  avoid?: string | undefined;
  /** Slots that this Objective itself has taken on a wagon. */
  own?: ReadonlyMap<string, number> | undefined;
}

export type Placement = { outcome: 'placed'; wagon: WagonFacts } | { outcome: 'queued'; cause: Cause };

/** Reasons why an Objective waits for a wagon. None of them fails it. */
export const QUEUE_REASONS = {
  NoMatchingWagon: 'no wagon has the name or the labels that spec asks for',
  WagonCordoned: 'every matching wagon is cordoned or draining',
  WagonNotReady: 'no matching wagon is ready',
  NoHealthyProvider: 'no matching wagon reaches a provider for every seat',
  NoFreeWagon: 'every matching wagon is busy',
} as const;
export type QueueReason = keyof typeof QUEUE_REASONS;

/**
 * Picks the wagon for one assignment: a checklist of what it must be, then the host, then the least loaded, then the name. The first demand that
 * nobody meets is the reason for waiting.
 */
export function place(request: PlacementRequest, wagons: Iterable<WagonFacts>): Placement {
  const checks: [QueueReason, (wagon: WagonFacts) => boolean][] = [
    ['NoMatchingWagon', (wagon) => matches(request, wagon)],
    ['WagonCordoned', (wagon) => takesWork(request, wagon)],
    ['WagonNotReady', (wagon) => wagon.ready],
    ['NoHealthyProvider', (wagon) => request.chains.every((chain) => reaches(wagon, chain))],
  ];
  let candidates = [...wagons];
  for (const [reason, check] of checks) {
    const left = candidates.filter(check);
    if (left.length === 0) {
      return queued(reason, reason === 'NoHealthyProvider' ? unreached(request.chains, candidates) : undefined);
    }
    candidates = left;
  }
  const host = candidates.find((wagon) => wagon.name === request.host && wagon.name !== request.avoid);
  const free = (host ? [host] : candidates).filter((wagon) => freeSlots(request, wagon) > 0);
  const [wagon] = free.sort((a, b) => compare(request, a, b));
  return wagon ? { outcome: 'placed', wagon } : queued('NoFreeWagon');
}

/** Whether a wagon can ask at least one provider of a chain. Unknown counts: it was not probed yet. */
export function reaches(wagon: WagonFacts, chain: ProviderChain): boolean {
  return chain.providers.some((name) => {
    const health = wagon.health.get(name);
    return name === REHEARSAL_NAME || (health !== undefined && health !== 'False');
  });
}

function matches({ spec }: PlacementRequest, wagon: WagonFacts): boolean {
  if (spec.wagonName !== undefined) return wagon.name === spec.wagonName;
  return spec.wagonSelector === undefined || matchesSelector(spec.wagonSelector, wagon.labels);
}

/** A cordoned wagon finishes the Objectives that it hosts, a draining one hands them over. */
function takesWork({ host }: PlacementRequest, wagon: WagonFacts): boolean {
  return wagon.scheduling === 'Enabled' || (wagon.scheduling === 'Cordoned' && wagon.name === host);
}

const load = ({ own }: PlacementRequest, wagon: WagonFacts) => wagon.busy + (own?.get(wagon.name) ?? 0);

export const freeSlots = (request: PlacementRequest, wagon: WagonFacts): number =>
  wagon.capacity - load(request, wagon);

function compare(request: PlacementRequest, a: WagonFacts, b: WagonFacts): number {
  const avoided = Number(a.name === request.avoid) - Number(b.name === request.avoid);
  if (avoided !== 0) return avoided;
  // a/ca < b/cb without division, so that equal loads are exactly equal.
  const byLoad = load(request, a) * b.capacity - load(request, b) * a.capacity;
  if (byLoad !== 0) return byLoad;
  return a.name < b.name ? -1 : 1;
}

/** Which providers an operator has to look at: those of the first chain that no wagon reaches. Undefined where each is reached, by different wagons. */
function unreached(chains: readonly ProviderChain[], wagons: readonly WagonFacts[]): string | undefined {
  const chain = chains.find((each) => !wagons.some((wagon) => reaches(wagon, each)));
  return chain && `no matching wagon reaches ${chain.providers.map((name) => withReason(name, wagons)).join(' or ')}`;
}

/** A provider with what the first of the wagons, in the order of their names, says about it. */
function withReason(provider: string, wagons: readonly WagonFacts[]): string {
  const inOrder = [...wagons].sort((a, b) => (a.name < b.name ? -1 : 1));
  const reason = inOrder.map(({ unwell }) => unwell?.get(provider)).find((said) => said !== undefined);
  return `${provider} (${reason ?? 'NotGranted'})`;
}

const queued = (reason: QueueReason, message: string = QUEUE_REASONS[reason]): Placement => ({
  outcome: 'queued',
  cause: { reason, message },
});
