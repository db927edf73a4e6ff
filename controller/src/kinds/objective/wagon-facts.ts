import {
  type ConditionStatus,
  DEFAULTS_CONFIG_MAP,
  type Heartbeat,
  type ModelProvider,
  type ModelProviderSpec,
  type ReadDefaults,
  readDefaultChains,
  STALE_AFTER_SECONDS,
  type Wagon,
} from '@dark-carnival/crds';
import { BY_NAMESPACE } from '@dark-carnival/kube';
import type { WagonTarget } from '../../ports/wagon-client.ts';
import type { ObjectiveDeps } from './deps.ts';
import type { ActiveJob } from './policies/active-jobs.ts';
import { healthWithCaps } from './policies/daily-cap.ts';
import { oneLine } from './policies/plain-text.ts';
import type { ProviderFacts, WagonFacts } from './snapshot.ts';
import type { ControllerState } from './state.ts';

/** Wagons of a namespace by name, as the caches, the heartbeats and our own books have them. */
export function wagonFacts(
  deps: ObjectiveDeps,
  { slots }: ControllerState,
  { namespace, uid }: { namespace: string; uid: string },
): Map<string, WagonFacts> {
  const facts = new Map<string, WagonFacts>();
  const known = providerFacts(deps, namespace);
  const { wagons, liveness } = deps;
  for (const wagon of wagons.store.byIndex(BY_NAMESPACE, namespace)) {
    const { name, labels, deletionTimestamp } = wagon.metadata;
    const { spec, status } = wagon;
    if (!spec || deletionTimestamp !== undefined) continue;
    const { ageMs, heartbeat } = liveness.view(namespace, name);
    facts.set(name, {
      name,
      role: spec.role,
      labels: labels ?? {},
      scheduling: spec.scheduling ?? 'Enabled',
      ready: status?.phase === 'Ready' && !!status.address && ageMs < staleAfterMs(wagon),
      capacity: spec.maxConcurrentJobs ?? 1,
      busy: slots.busy(namespace, name, uid),
      ...healthWithCaps(healthOf(wagon, heartbeat), known),
      skills: spec.skills ?? [],
    });
  }
  return facts;
}

/** The last heartbeat, else (just after a start) what status remembers of one. */
function healthOf({ status }: Wagon, heartbeat: Heartbeat | undefined): Pick<WagonFacts, 'health' | 'unwell'> {
  const providers = heartbeat?.providers ?? status?.providers ?? [];
  const unwell = providers.filter(({ healthy }) => healthy === 'False');
  return {
    health: new Map<string, ConditionStatus>(providers.map(({ name, healthy }) => [name, healthy])),
    unwell: new Map(unwell.map(({ name, reason = 'Unreachable' }) => [name, oneLine(reason, 40)])),
  };
}

/**
 * Wagons that hold assignments and were not heard within their time. Their lease has lapsed by then, so they neither call nor commit, and the work may
 * be given to another. A wagon whose object is gone is judged by its heartbeats all the same.
 */
export function lostWagons(
  { wagons, liveness }: Pick<ObjectiveDeps, 'wagons' | 'liveness'>,
  namespace: string,
  active: readonly ActiveJob[],
): Set<string> {
  const names = new Set(active.map(({ wagonName }) => wagonName));
  const isLost = (name: string) =>
    liveness.view(namespace, name).ageMs >= staleAfterMs(wagons.store.get(`${namespace}/${name}`));
  return new Set([...names].filter(isLost));
}

export function providerFacts(
  { providers, spending }: Pick<ObjectiveDeps, 'providers' | 'spending'>,
  namespace: string,
): ProviderFacts[] {
  return providers.store
    .byIndex(BY_NAMESPACE, namespace)
    .filter((provider): provider is ModelProvider & { spec: ModelProviderSpec } => isLive(provider))
    .map((provider) => factsOf(provider, spending.reachedCap(provider)?.resumesAt))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Chains that a namespace sets. One that is being deleted still counts: its end wakes whoever waits. */
export const defaultsOf = ({ defaults }: Pick<ObjectiveDeps, 'defaults'>, namespace: string): ReadDefaults =>
  readDefaultChains(defaults.store.get(`${namespace}/${DEFAULTS_CONFIG_MAP}`)?.data);

function factsOf(
  { metadata, spec }: ModelProvider & { spec: ModelProviderSpec },
  cappedUntil: string | undefined,
): ProviderFacts {
  const { type, endpoint, model, prices, limits } = spec;
  const hasDailyCap = limits?.maxCostUSDPerDay !== undefined;
  return {
    name: metadata.name,
    type,
    endpoint,
    model,
    prices,
    hasDailyCap,
    ...(cappedUntil === undefined ? {} : { cappedUntil }),
  };
}

const isLive = ({ metadata, spec }: ModelProvider) => spec !== undefined && metadata.deletionTimestamp === undefined;

/** How a wagon is called, or what is missing for that. */
export async function targetOf(
  { wagons, tokens }: Pick<ObjectiveDeps, 'wagons' | 'tokens'>,
  namespace: string,
  name: string,
): Promise<WagonTarget | { missing: string }> {
  const wagon = wagons.store.get(`${namespace}/${name}`);
  if (!wagon) return { missing: 'its object is gone' };
  const { address, tlsFingerprint } = wagon.status ?? {};
  if (!address) return { missing: 'it has no address' };
  const token = await tokens.tokenOf(namespace, name);
  return token === undefined ? { missing: 'it has no token' } : { namespace, name, address, tlsFingerprint, token };
}

const staleAfterMs = (wagon: Wagon | undefined) => (wagon?.spec?.evictAfterSeconds ?? STALE_AFTER_SECONDS) * 1000;
