import { z } from 'zod';
import type { ProviderType } from './model-provider.ts';
import { SEATS, type Seat } from './objective-spec.ts';

/** Name of the ConfigMap that says, for its namespace, who answers where an Objective does not. */
export const DEFAULTS_CONFIG_MAP = 'carnival-defaults';

/** Keys of it, in the order in which they are told. */
export const CHAIN_PLACES = [...SEATS, 'execution'] as const;
export type ChainPlace = (typeof CHAIN_PLACES)[number];

/** Chains that somebody set, each in fallback order. */
export type DefaultChains = Partial<Record<ChainPlace, readonly string[]>>;
export type ReadDefaults = { outcome: 'read'; chains: DefaultChains } | { outcome: 'malformed'; message: string };

/** The scripted provider that is built into every wagon. It stands in only where a namespace has no model at all. */
export const REHEARSAL_NAME = 'rehearsal';

/** As many providers as a chain may hold. */
export const MAX_CHAIN = 12;

const NAME = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/;

const chain = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((name) => name !== ''))
  .superRefine((names, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    const wrong = names.find((name) => !NAME.test(name));
    if (names.length === 0) refuse('is empty: name ModelProviders, or remove the key');
    else if (wrong !== undefined)
      refuse(
        `has ${JSON.stringify(wrong.slice(0, 63))}, which is no name of a ModelProvider: separate names by commas or line breaks`,
      );
    else if (new Set(names).size < names.length) refuse('names a ModelProvider twice');
    else if (names.length > MAX_CHAIN) refuse(`names ${names.length} ModelProviders, and a chain holds ${MAX_CHAIN}`);
  });

const dataSchema = z.strictObject({
  visionary: chain.optional(),
  critic: chain.optional(),
  tactician: chain.optional(),
  execution: chain.optional(),
});

/**
 * Reads the data of `carnival-defaults`: under `visionary`, `critic`, `tactician` and `execution` names of ModelProviders in fallback order, separated
 * by commas or line breaks. Anything else is malformed as a whole: half of what somebody set would run other models than they think.
 * @param data undefined: there is no such ConfigMap, or it is empty.
 */
export function readDefaultChains(data: Readonly<Record<string, string>> | undefined): ReadDefaults {
  const parsed = dataSchema.safeParse(data ?? {});
  if (parsed.success) {
    const given = Object.entries(parsed.data).filter(([, names]) => names !== undefined);
    return { outcome: 'read', chains: Object.fromEntries(given) };
  }
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const key = JSON.stringify((issue.keys[0] ?? '').slice(0, 63));
    return { outcome: 'malformed', message: `the key ${key} is none of ${CHAIN_PLACES.join(', ')}` };
  }
  return { outcome: 'malformed', message: `${issue?.path.join('.') ?? 'data'} ${issue?.message ?? 'cannot be read'}` };
}

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

/** Every ModelProvider in the order of families, then of names. Rehearsals only where there is nothing else. */
export function familyChain(seat: Seat, providers: readonly { name: string; type: ProviderType }[]): string[] {
  const real = providers.filter((provider) => provider.type !== 'Rehearsal');
  const usable = real.length > 0 ? real : providers;
  if (usable.length === 0) return [REHEARSAL_NAME];
  const rank = ({ type }: { type: ProviderType }) => (type === FIRST_FAMILY[seat] ? -1 : FAMILY_ORDER.indexOf(type));
  return [...usable]
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_CHAIN)
    .map((provider) => provider.name);
}
