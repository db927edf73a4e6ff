import {
  findModel,
  isAzureHost,
  type KnownModel,
  type ProviderGrant,
  type ProviderType,
  PUBLIC_ENDPOINTS,
  readAzureEndpoint,
} from '@dark-carnival/crds';
import type { NarrowingKeyword } from './schema-dialect.ts';

/** Wire formats that this folder speaks. */
export type Wire = 'OpenAI' | 'Anthropic' | 'Ollama';

/** Ways to get JSON out of a model; `answer-ladder.ts` explains them. */
export type Rung = 'native' | 'native-plain' | 'tool' | 'object' | 'text';

/** Name of the limit in a chat completion: newer OpenAI models refuse the old name, most others know only that. */
export type TokenLimit = 'max_tokens' | 'max_completion_tokens';

/** What is known of a model family before it is asked. Model ids, prices and what single models take are data: crds/models.yaml. */
export interface Family {
  /** The wire it speaks; absent where the grant decides. */
  wire?: Wire;
  /** Whether a call without a key is pointless. */
  needsKey: boolean;
  /** The best way to get JSON that its documentation promises for models that nobody knows; what is then refused is found out and remembered. */
  firstRung: Rung;
  /** Keywords that its schema check refuses (and not merely ignores). */
  refusesKeywords: readonly NarrowingKeyword[];
  /** Unions (`anyOf`) that one native schema may hold; absent: no limit that a plan reaches. */
  maxUnions?: number;
  tokenLimit: TokenLimit;
  /** How thinking is turned off for models that nobody knows. */
  thinking: KnownModel['thinking'];
  /** Whether structured answers can be streamed. */
  streamsStructured: boolean;
  /** Whether a model that its list does not name is gone. Azure lists models, not deployments; bridges list what they like. */
  listIsComplete: boolean;
  /** Seconds until the first sign of life, where the grant does not say: local models read a long prompt for minutes, or load first. */
  firstTokenSeconds: number;
}

const openAILike: Family = {
  wire: 'OpenAI',
  needsKey: true,
  firstRung: 'native',
  refusesKeywords: [],
  tokenLimit: 'max_tokens',
  thinking: 'None',
  streamsStructured: true,
  listIsComplete: true,
  firstTokenSeconds: 120,
};
const { wire: _, ...wireless } = openAILike;
const bridge: Family = { ...wireless, needsKey: false, listIsComplete: false, firstTokenSeconds: 300 };
/** OpenAI documents pattern and array bounds for strict schemas, and no lengths of strings. */
const openAI: Family = {
  ...openAILike,
  refusesKeywords: ['minLength', 'maxLength'],
  tokenLimit: 'max_completion_tokens',
};

/** Documented facts per family, as of 2026-11. */
export const FAMILIES: Record<Exclude<ProviderType, 'Rehearsal'>, Family> = {
  OpenAI: openAI,
  AzureOpenAI: { ...openAI, listIsComplete: false },
  Kimi: { ...openAILike, tokenLimit: 'max_completion_tokens' },
  Mistral: openAILike,
  // json_schema is answered with 400 "This response_format type is unavailable now".
  DeepSeek: { ...openAILike, firstRung: 'object', thinking: 'Switch' },
  Gemini: { ...openAILike, refusesKeywords: ['pattern', 'minLength', 'maxLength'] },
  // Structured output cannot be combined with streaming there.
  Groq: { ...openAILike, streamsStructured: false },
  Ollama: { ...openAILike, wire: 'Ollama', needsKey: false, firstTokenSeconds: 300 },
  Anthropic: {
    ...openAILike,
    wire: 'Anthropic',
    refusesKeywords: ['pattern', 'minLength', 'maxLength', 'minItems', 'maxItems'],
    // "Schema contains too many parameters with union types": a plan of many tasks goes by the tool.
    maxUnions: 16,
  },
  Claudeson: bridge,
  OpenAICompatible: bridge,
};

/** Where and how one granted provider is reached: the grant with its family's defaults filled in. */
export interface Endpoint {
  wire: Wire;
  /** Without a trailing slash. On the Anthropic wire without `/v1`, which the SDK adds; on Ollama's without any path of an API. */
  baseURL: string;
  /** The header that carries the key, with it; absent where there is no key. */
  authorization?: { header: 'authorization' | 'x-api-key' | 'api-key'; value: string };
  family: Family;
}

/**
 * Fills a grant with its family's defaults; nothing where it names no place to go.
 * @param wire What a bridge was found to speak; else the grant's, else OpenAI's.
 */
export function endpointOf(grant: ProviderGrant, wire?: 'OpenAI' | 'Anthropic'): Endpoint | undefined {
  if (grant.type === 'Rehearsal') return undefined;
  const family = FAMILIES[grant.type];
  const spoken = family.wire ?? wire ?? grant.wire ?? 'OpenAI';
  const given = grant.endpoint ?? PUBLIC_ENDPOINTS[grant.type];
  if (given === undefined || !/^https?:\/\//i.test(given) || !URL.canParse(given)) return undefined;
  const baseURL = normaliseBase(given, spoken, family.wire === undefined);
  const authorization = authorizationOf(grant.apiKey, spoken, new URL(baseURL).hostname);
  // A bridge of the Anthropic wire is not known to take output_config; a forced tool is the older and so the more widely spoken form.
  const firstRung = family.wire === undefined && spoken === 'Anthropic' ? 'tool' : family.firstRung;
  return { wire: spoken, baseURL, family: { ...family, firstRung }, ...(authorization ? { authorization } : {}) };
}

/** People paste base URLs as they find them: with a trailing slash, with or without `/v1`, from a portal that shows a retired route. */
function normaliseBase(given: string, wire: Wire, isBridge: boolean): string {
  const trimmed = given.replace(/\/+$/, '');
  if (wire === 'Anthropic') return trimmed.replace(/\/v1$/, '');
  if (wire === 'Ollama') return trimmed.replace(/\/(v1|api)$/, '');
  const azure = readAzureEndpoint(trimmed);
  if (azure) return azure.base;
  return isBridge && new URL(trimmed).pathname === '/' ? `${trimmed}/v1` : trimmed;
}

function authorizationOf(apiKey: string | undefined, wire: Wire, host: string): Endpoint['authorization'] {
  if (apiKey === undefined) return undefined;
  if (isAzureHost(host)) return { header: 'api-key', value: apiKey };
  if (wire === 'Anthropic') return { header: 'x-api-key', value: apiKey };
  return { header: 'authorization', value: `Bearer ${apiKey}` };
}

/** What one model takes: what the catalogue knows of it, else what its family promises. */
export interface ModelTraits {
  firstRung: Rung;
  tokenLimit: TokenLimit;
  thinking: KnownModel['thinking'];
  /** The least effort that may be asked for, where thinking goes by effort. */
  least?: 'none' | 'minimal' | 'low';
}

const RUNG_OF = { Schema: 'native', Object: 'object', Text: 'text' } as const;

export function traitsOf({ type, endpoint }: ProviderGrant, family: Family, model: string): ModelTraits {
  const known = findModel({ type, endpoint }, model);
  if (!known) return { firstRung: family.firstRung, tokenLimit: family.tokenLimit, thinking: family.thinking };
  return {
    firstRung: RUNG_OF[known.json],
    tokenLimit: known.limit ?? family.tokenLimit,
    thinking: known.thinking,
    ...(known.least === undefined ? {} : { least: known.least }),
  };
}
