import { type ProviderGrant, type ProviderType, PUBLIC_ENDPOINTS } from '@dark-carnival/crds';

/** Wire formats that this folder speaks. */
export type Wire = 'OpenAI' | 'Anthropic';

/** What is known of a model family before it is asked. Model ids and prices are not here: they are data of the ModelProvider. */
export interface Family {
  /** The wire it speaks; absent where the grant decides. */
  wire?: Wire;
  /** Whether a call without a key is pointless. */
  needsKey: boolean;
  /** The best way to get JSON that its documentation promises; what a model then refuses is found out and remembered. */
  firstRung: 'native' | 'tool' | 'object';
  /** Keywords that its schema check refuses (and not merely ignores). */
  refusesKeywords: readonly ('pattern' | 'minLength' | 'maxLength' | 'minItems' | 'maxItems')[];
  /** Name of the limit in a chat completion: newer OpenAI models refuse the old name, most others know only that. */
  tokenLimit: 'max_tokens' | 'max_completion_tokens';
  /** Whether structured answers can be streamed. */
  streamsStructured: boolean;
  /** Whether a model that its list does not name is gone. Azure lists models, not deployments; bridges list what they like. */
  listIsComplete: boolean;
}

const openAILike: Family = {
  wire: 'OpenAI',
  needsKey: true,
  firstRung: 'native',
  refusesKeywords: [],
  tokenLimit: 'max_tokens',
  streamsStructured: true,
  listIsComplete: true,
};
const bridge: Family = {
  needsKey: false,
  firstRung: 'native',
  refusesKeywords: [],
  tokenLimit: 'max_tokens',
  streamsStructured: true,
  listIsComplete: false,
};

/** Documented facts per family, as of 2026-11. */
export const FAMILIES: Record<Exclude<ProviderType, 'Rehearsal'>, Family> = {
  OpenAI: {
    ...openAILike,
    refusesKeywords: ['minLength', 'maxLength'],
    tokenLimit: 'max_completion_tokens',
  },
  AzureOpenAI: {
    ...openAILike,
    refusesKeywords: ['minLength', 'maxLength'],
    tokenLimit: 'max_completion_tokens',
    listIsComplete: false,
  },
  Kimi: { ...openAILike, tokenLimit: 'max_completion_tokens' },
  Mistral: openAILike,
  // json_schema is answered with 400 "This response_format type is unavailable now".
  DeepSeek: { ...openAILike, firstRung: 'object' },
  Gemini: {
    ...openAILike,
    refusesKeywords: ['pattern', 'minLength', 'maxLength'],
  },
  // Structured output cannot be combined with streaming there.
  Groq: { ...openAILike, streamsStructured: false },
  Ollama: { ...openAILike, needsKey: false },
  Anthropic: {
    wire: 'Anthropic',
    needsKey: true,
    firstRung: 'native',
    refusesKeywords: ['pattern', 'minLength', 'maxLength', 'minItems', 'maxItems'],
    tokenLimit: 'max_tokens',
    streamsStructured: true,
    listIsComplete: true,
  },
  Claudeson: bridge,
  OpenAICompatible: bridge,
};

/** Where and how one granted provider is reached: the grant with its family's defaults filled in. */
export interface Endpoint {
  wire: Wire;
  /** Without a trailing slash. On the Anthropic wire without `/v1`, which the SDK adds. */
  baseURL: string;
  /** The header that carries the key, with it; absent where there is no key. */
  authorization?: { header: 'authorization' | 'x-api-key' | 'api-key'; value: string };
  family: Family;
}

/** Fills a grant with its family's defaults; nothing where it names no place to go. */
export function endpointOf(grant: ProviderGrant): Endpoint | undefined {
  if (grant.type === 'Rehearsal') return undefined;
  const family = FAMILIES[grant.type];
  const wire = family.wire ?? grant.wire ?? 'OpenAI';
  const given = grant.endpoint ?? PUBLIC_ENDPOINTS[grant.type];
  if (given === undefined || !URL.canParse(given)) return undefined;
  const baseURL = normaliseBase(given, grant.type, wire);
  const authorization = authorizationOf(grant.apiKey, wire, new URL(baseURL).hostname);
  // A bridge of the Anthropic wire is not known to take output_config; a forced tool is the older and so the more widely spoken form.
  const firstRung = family.wire === undefined && wire === 'Anthropic' ? 'tool' : family.firstRung;
  return { wire, baseURL, family: { ...family, firstRung }, ...(authorization ? { authorization } : {}) };
}

/** People paste base URLs as they find them: with a trailing slash, with or without `/v1`. */
function normaliseBase(given: string, type: ProviderType, wire: Wire): string {
  const trimmed = given.replace(/\/+$/, '');
  if (wire === 'Anthropic') return trimmed.replace(/\/v1$/, '');
  if (type === 'Ollama' && new URL(trimmed).pathname === '/') return `${trimmed}/v1`;
  return trimmed;
}

function authorizationOf(apiKey: string | undefined, wire: Wire, host: string): Endpoint['authorization'] {
  if (apiKey === undefined) return undefined;
  if (wire === 'Anthropic') return { header: 'x-api-key', value: apiKey };
  if (host === 'azure.com' || host.endsWith('.azure.com')) return { header: 'api-key', value: apiKey };
  return { header: 'authorization', value: `Bearer ${apiKey}` };
}
