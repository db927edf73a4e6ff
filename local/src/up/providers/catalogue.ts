import type { ProviderType } from '@dark-carnival/crds';

/**
 * Which environment variables stand for which provider, and the model that is asked for where nobody says otherwise. Data: models come and go,
 * so each id has a source, and all of them were looked up on one day.
 */
export const CATALOGUE_DATE = '2026-11-24';

export interface ProviderVariables {
  /** metadata.name of the ModelProvider. */
  name: string;
  type: ProviderType;
  /** How people call it. */
  label: string;
  /** Variables that may hold its key, in this order. */
  keys: readonly string[];
  /** Variable that holds its base URL. */
  endpoint?: string;
  /** `Required`: the endpoint alone makes the provider; a key without it means nothing here (it may be another's). */
  endpointIs?: 'Required';
  /** Keys of the Azure resource, for an endpoint that has none of its own. */
  azureKeys?: readonly string[];
  /** `Optional`: it works without a key. */
  keyIs?: 'Optional';
  /** Variable that says which wire a bridge speaks: `openai` or `anthropic`. */
  wireVariable?: string;
  /** Variable that overrides the model. */
  modelVariable: string;
  /** Default model id; absent where the variable is required. */
  model?: string;
  /** Where the id was found alive on CATALOGUE_DATE. */
  source?: string;
}

const AZURE_KEY = 'AZURE_API_KEY';
const AZURE_GPT_KEYS = ['AZURE_GPT4O_KEY', AZURE_KEY];

/** In the order of the default fallback chain (api.md, ModelProvider). */
export const PROVIDER_VARIABLES: readonly ProviderVariables[] = [
  {
    name: 'kimi',
    type: 'Kimi',
    label: 'Kimi',
    keys: ['KIMI_API_KEY', 'MOONSHOT_API_KEY'],
    endpoint: 'KIMI_ENDPOINT',
    azureKeys: [AZURE_KEY],
    modelVariable: 'KIMI_MODEL',
    model: 'kimi-k2.6',
    source: 'promptfoo.dev/docs/providers/moonshot: kimi-k2.6 and kimi-k3 are served, all older ids are gone',
  },
  {
    name: 'mistral',
    type: 'Mistral',
    label: 'Mistral',
    keys: ['MISTRAL_API_KEY'],
    endpoint: 'MISTRAL_ENDPOINT',
    azureKeys: [AZURE_KEY],
    modelVariable: 'MISTRAL_MODEL',
    model: 'mistral-large-latest',
    source: "docs.mistral.ai: the family's moving alias",
  },
  {
    name: 'deepseek',
    type: 'DeepSeek',
    label: 'DeepSeek',
    keys: ['DEEPSEEK_API_KEY'],
    endpoint: 'DEEPSEEK_ENDPOINT',
    azureKeys: [AZURE_KEY],
    modelVariable: 'DEEPSEEK_MODEL',
    model: 'deepseek-v4-pro',
    source: 'deepseek-chat and -reasoner ended on 2026-07-24; deepseek-v4-pro and deepseek-flash follow them',
  },
  {
    name: 'claude',
    type: 'Anthropic',
    label: 'Claude',
    keys: ['ANTHROPIC_API_KEY'],
    endpoint: 'ANTHROPIC_BASE_URL',
    modelVariable: 'ANTHROPIC_MODEL',
    model: 'claude-sonnet-5',
    source: '@anthropic-ai/sdk 1.12: in its Model type, not among its DEPRECATED_MODELS',
  },
  {
    name: 'azure-gpt4o',
    type: 'AzureOpenAI',
    label: 'GPT-4o on Azure',
    keys: [],
    endpoint: 'AZURE_GPT4O_ENDPOINT',
    endpointIs: 'Required',
    azureKeys: AZURE_GPT_KEYS,
    modelVariable: 'AZURE_GPT4O_MODEL',
    model: 'gpt-4o',
    source: 'litellm 1.106.2 price table: on Azure until 2027-04-14; the id is the name of your deployment',
  },
  {
    name: 'azure-gpt41',
    type: 'AzureOpenAI',
    label: 'GPT-4.1 on Azure',
    keys: [],
    endpoint: 'AZURE_GPT41_ENDPOINT',
    endpointIs: 'Required',
    azureKeys: AZURE_GPT_KEYS,
    modelVariable: 'AZURE_GPT41_MODEL',
    model: 'gpt-4.1',
    source: 'litellm 1.106.2 price table: on Azure until 2027-04-14; the id is the name of your deployment',
  },
  {
    name: 'gpt',
    type: 'OpenAI',
    label: 'GPT',
    keys: ['OPENAI_API_KEY'],
    endpoint: 'OPENAI_BASE_URL',
    modelVariable: 'OPENAI_MODEL',
    model: 'gpt-5.4',
    source: 'openai 7.57: in its ChatModel type; gpt-4o and gpt-4.1 end on 2027-01-14',
  },
  {
    name: 'gemini',
    type: 'Gemini',
    label: 'Gemini',
    keys: ['GEMINI_API_KEY'],
    endpoint: 'GEMINI_ENDPOINT',
    modelVariable: 'GEMINI_MODEL',
    model: 'gemini-3.5-flash',
    source: 'ai.google.dev/gemini-api/docs/deprecations: no shutdown announced; 2.0 is off, 2.5 is going',
  },
  {
    name: 'groq',
    type: 'Groq',
    label: 'Groq',
    keys: ['GROQ_API_KEY'],
    endpoint: 'GROQ_ENDPOINT',
    modelVariable: 'GROQ_MODEL',
    model: 'openai/gpt-oss-120b',
    source: 'console.groq.com/docs/deprecations: follows llama-3.3-70b-versatile, off since 2026-08-16',
  },
  {
    name: 'claudeson',
    type: 'Claudeson',
    label: 'Claudeson bridge',
    keys: ['CLAUDESON_API_KEY'],
    keyIs: 'Optional',
    endpoint: 'CLAUDESON_URL',
    endpointIs: 'Required',
    wireVariable: 'CLAUDESON_WIRE',
    modelVariable: 'CLAUDESON_MODEL',
    model: 'default',
    source: 'a local bridge: most answer with their one model whatever is asked for',
  },
  {
    name: 'openai-compatible',
    type: 'OpenAICompatible',
    label: 'OpenAI-compatible server',
    keys: ['CARNIVAL_OPENAI_COMPATIBLE_KEY'],
    keyIs: 'Optional',
    endpoint: 'CARNIVAL_OPENAI_COMPATIBLE_URL',
    endpointIs: 'Required',
    modelVariable: 'CARNIVAL_OPENAI_COMPATIBLE_MODEL',
  },
];

/** The model that the hint for a free local model names: small, and good at JSON. */
export const SUGGESTED_OLLAMA_MODEL = 'qwen3:4b';
