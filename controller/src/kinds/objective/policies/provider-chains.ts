import type { ObjectiveSpec, ProviderChain, ProviderType, Seat, SeatSettings } from '@dark-carnival/crds';
import type { ProviderFacts } from '../snapshot.ts';

/** The scripted provider that is built into every wagon. It stands in only where a namespace has no model at all. */
export const REHEARSAL = 'rehearsal';

/** Longest answer of one turn, where the Objective does not say. The tactician writes the whole plan, tasks write whole files. */
export const DEFAULT_MAX_TOKENS = { visionary: 4096, critic: 4096, tactician: 8192, execution: 8192 } as const;

/** As many providers as a chain may hold. */
const MAX_CHAIN = 12;

/** The families in the order in which the original asks them; the first of each seat differs, so that three models meet. */
const FAMILY_ORDER: readonly ProviderType[] = [
  'Kimi',
  'Mistral',
  'DeepSeek',
  'Anthropic',
  'OpenAI',
  'AzureOpenAI',
  'Gemini',
  'Groq',
  'Claudeson',
  'Ollama',
  'OpenAICompatible',
];
const FIRST_FAMILY: Readonly<Record<Seat, ProviderType>> = {
  visionary: 'Kimi',
  critic: 'Mistral',
  tactician: 'DeepSeek',
};

export interface Chains {
  visionary: ProviderChain;
  critic: ProviderChain;
  tactician: ProviderChain;
  execution: ProviderChain;
}

export type ResolvedChains = { outcome: 'resolved'; chains: Chains } | { outcome: 'unknown'; names: string[] };

/**
 * Who answers in each seat and does the tasks: what the Objective names, else every ModelProvider of the namespace in the order of families. A name
 * that does not exist is told, never skipped: the fallback order was somebody's decision.
 */
export function resolveChains(spec: ObjectiveSpec, providers: readonly ProviderFacts[]): ResolvedChains {
  const { seats } = spec.debate;
  const chains: Chains = {
    visionary: seatChain('visionary', seats.visionary, providers),
    critic: seatChain('critic', seats.critic, providers),
    tactician: seatChain('tactician', seats.tactician, providers),
    execution: executionChain(spec, providers),
  };
  const known = new Set([REHEARSAL, ...providers.map((provider) => provider.name)]);
  const used = spec.debate.mode === 'Single' ? [chains.tactician, chains.execution] : Object.values(chains);
  const names = used.flatMap((chain: ProviderChain) => chain.providers).filter((name) => !known.has(name));
  return names.length > 0 ? { outcome: 'unknown', names: [...new Set(names)].sort() } : { outcome: 'resolved', chains };
}

/** Every ModelProvider in the order of families, then of names. Rehearsals only where there is nothing else. */
export function defaultChain(seat: Seat, providers: readonly ProviderFacts[]): string[] {
  const real = providers.filter((provider) => provider.type !== 'Rehearsal');
  const usable = real.length > 0 ? real : providers;
  if (usable.length === 0) return [REHEARSAL];
  const rank = ({ type }: ProviderFacts) => (type === FIRST_FAMILY[seat] ? -1 : FAMILY_ORDER.indexOf(type));
  return [...usable]
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_CHAIN)
    .map((provider) => provider.name);
}

function seatChain(seat: Seat, given: SeatSettings | undefined, providers: readonly ProviderFacts[]): ProviderChain {
  const named = given?.providers ?? [];
  return {
    providers: named.length > 0 ? named : defaultChain(seat, providers),
    ...(given?.model === undefined ? {} : { model: given.model }),
    maxTokens: given?.maxTokens ?? DEFAULT_MAX_TOKENS[seat],
  };
}

function executionChain(spec: ObjectiveSpec, providers: readonly ProviderFacts[]): ProviderChain {
  const { execution, debate } = spec;
  const named = execution.providers ?? [];
  const visionary = seatChain('visionary', debate.seats.visionary, providers);
  const model = execution.model ?? (named.length > 0 ? undefined : visionary.model);
  return {
    providers: named.length > 0 ? named : visionary.providers,
    ...(model === undefined ? {} : { model }),
    maxTokens: execution.maxTokens ?? DEFAULT_MAX_TOKENS.execution,
  };
}
