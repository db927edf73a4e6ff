import {
  CHAIN_PLACES,
  type ChainPlace,
  DEFAULTS_CONFIG_MAP,
  familyChain,
  type ObjectiveSpec,
  type ProviderChain,
  REHEARSAL_NAME,
  type ReadDefaults,
  SEATS,
  type Seat,
} from '@dark-carnival/crds';
import type { Cause } from '../draft.ts';
import type { ProviderFacts, Snapshot } from '../snapshot.ts';

/** Longest answer of one turn, where the Objective does not say. The tactician writes the whole plan, tasks write whole files. */
export const DEFAULT_MAX_TOKENS = { visionary: 4096, critic: 4096, tactician: 8192, execution: 8192 } as const;

export type Chains = Record<ChainPlace, ProviderChain>;

export type ResolvedChains = { outcome: 'resolved'; chains: Chains } | { outcome: 'refused'; cause: Cause };

/** What the chains of an Objective follow from. */
export interface ChainSources {
  providers: readonly ProviderFacts[];
  /** Of `carnival-defaults` in the Objective's namespace. */
  defaults: ReadDefaults;
}

/**
 * Who answers in each seat and does the tasks: what the Objective names, else what `carnival-defaults` names, else every ModelProvider of the namespace
 * in the order of families. A name that does not exist is told, never skipped, and so are defaults that cannot be read: the fallback order was
 * somebody's decision. What an Objective does not use does not concern it.
 */
export function resolveChains(spec: ObjectiveSpec, { providers, defaults }: ChainSources): ResolvedChains {
  const named = namedBySpec(spec);
  const given = defaults.outcome === 'read' ? defaults.chains : {};
  const chosen = (place: ChainPlace) => (named[place].length > 0 ? named[place] : given[place]);
  // Tasks without a chain of their own are done by the Visionary's, though it does not speak.
  const tasksBy: ChainPlace = chosen('execution') === undefined ? 'visionary' : 'execution';
  const used: readonly ChainPlace[] = spec.debate.mode === 'Single' ? ['tactician', tasksBy] : CHAIN_PLACES;
  const lacks = used.filter((place) => named[place].length === 0);
  if (defaults.outcome === 'malformed' && lacks.length > 0) {
    return refused('DefaultsMalformed', `ConfigMap ${DEFAULTS_CONFIG_MAP}: ${defaults.message}`);
  }
  const known = new Set([REHEARSAL_NAME, ...providers.map(({ name }) => name)]);
  for (const [names, by] of [
    [used.flatMap((place) => named[place]), ''],
    [lacks.flatMap((place) => given[place] ?? []), `, named by ConfigMap ${DEFAULTS_CONFIG_MAP}`],
  ] as const) {
    const unknown = [...new Set(names)].filter((name) => !known.has(name)).sort();
    if (unknown.length > 0)
      return refused('UnknownProvider', `no such ModelProvider in this namespace: ${unknown.join(', ')}${by}`);
  }
  const seats = Object.fromEntries(
    SEATS.map((seat) => [seat, seatChain(seat, spec, chosen(seat) ?? familyChain(seat, providers))]),
  ) as Record<Seat, ProviderChain>;
  return { outcome: 'resolved', chains: { ...seats, execution: executionChain(spec, chosen('execution'), seats) } };
}

/** Of each of these a wagon has to reach somebody: a debate that nobody could execute is not begun. */
export const chainsToReach = ({ debate }: ObjectiveSpec, chains: Chains): ProviderChain[] =>
  debate.mode === 'Single' ? [chains.tactician, chains.execution] : CHAIN_PLACES.map((place) => chains[place]);

/** The chains of an Objective as they are now. */
export const chainsOf = (snapshot: Snapshot): ResolvedChains => resolveChains(snapshot.objective.spec, snapshot);

function namedBySpec({ debate: { seats }, execution }: ObjectiveSpec): Record<ChainPlace, readonly string[]> {
  return {
    visionary: seats.visionary?.providers ?? [],
    critic: seats.critic?.providers ?? [],
    tactician: seats.tactician?.providers ?? [],
    execution: execution.providers ?? [],
  };
}

const refused = (reason: string, message: string): ResolvedChains => ({
  outcome: 'refused',
  cause: { reason, message },
});

function seatChain(seat: Seat, { debate }: ObjectiveSpec, providers: readonly string[]): ProviderChain {
  const { model, maxTokens } = debate.seats[seat] ?? {};
  return {
    providers: [...providers],
    ...(model === undefined ? {} : { model }),
    maxTokens: maxTokens ?? DEFAULT_MAX_TOKENS[seat],
  };
}

/** Chains of its own, of the Objective or of the fleet; else the Visionary's. */
function executionChain(
  { execution }: ObjectiveSpec,
  own: readonly string[] | undefined,
  { visionary }: Record<Seat, ProviderChain>,
): ProviderChain {
  const model = execution.model ?? (own === undefined ? visionary.model : undefined);
  return {
    providers: [...(own ?? visionary.providers)],
    ...(model === undefined ? {} : { model }),
    maxTokens: execution.maxTokens ?? DEFAULT_MAX_TOKENS.execution,
  };
}
