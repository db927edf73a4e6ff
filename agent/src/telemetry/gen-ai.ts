import { isAzureHost, type ProviderGrant, type ProviderType } from '@dark-carnival/crds';
import { endpointOf } from '../providers/families.ts';
import type { Completion, CompletionRequest, FinishReason, Purpose } from '../providers/provider.ts';

/*
 * OpenTelemetry's semantic conventions for generative AI (open-telemetry/semantic-conventions-genai, status Development, read 2026-11). Names that they lack
 * (Ollama, bridges, the rehearsal) are our own.
 */
const PROVIDER_NAMES: Record<ProviderType, string> = {
  OpenAI: 'openai',
  AzureOpenAI: 'azure.ai.openai',
  Kimi: 'moonshot_ai',
  Mistral: 'mistral_ai',
  DeepSeek: 'deepseek',
  Anthropic: 'anthropic',
  Gemini: 'gcp.gemini',
  Groq: 'groq',
  Ollama: 'ollama',
  Claudeson: 'claudeson',
  OpenAICompatible: 'openai_compatible',
  Rehearsal: 'rehearsal',
};
const AZURE_INFERENCE = 'azure.ai.inference';

/** Every value of `gen_ai.provider.name` that there is. */
export const GEN_AI_PROVIDERS = [...Object.values(PROVIDER_NAMES), AZURE_INFERENCE];

/** Who asks: the seat of a debate, or a task. */
export const AGENTS = ['visionary', 'critic', 'tactician', 'task'] as const;
export const agentOf = (purpose: Purpose): (typeof AGENTS)[number] => (purpose.kind === 'turn' ? purpose.seat : 'task');

const FINISH_REASONS: Record<FinishReason, string> = {
  stop: 'stop',
  length: 'length',
  refusal: 'refusal',
  filter: 'content_filter',
};

/** The place and the family of a provider, as the conventions name them. */
export interface GenAiServer {
  provider: string;
  address?: string;
  port?: number;
}

/** Read from the grant. Foreign models that Azure hosts are told from those at home. */
export function serverOf(grant: ProviderGrant): GenAiServer {
  const endpoint = endpointOf(grant);
  if (!endpoint) return { provider: PROVIDER_NAMES[grant.type] };
  const { hostname, port, protocol } = new URL(endpoint.baseURL);
  const isForeign = grant.type !== 'AzureOpenAI' && grant.type !== 'OpenAI' && isAzureHost(hostname);
  return {
    provider: isForeign ? AZURE_INFERENCE : PROVIDER_NAMES[grant.type],
    address: hostname,
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}

/** What is known of a call before it is answered. */
export function requestAttributes(model: string, { maxTokens, schema, purpose }: CompletionRequest) {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': model,
    'gen_ai.request.max_tokens': maxTokens,
    'gen_ai.output.type': schema ? 'json' : 'text',
    'gen_ai.agent.name': agentOf(purpose),
  };
}

/** What its answer says. */
export function answerAttributes({ model, answeredBy, finishReason, inputTokens, outputTokens }: Completion) {
  return {
    'gen_ai.response.model': answeredBy ?? model,
    'gen_ai.response.finish_reasons': [FINISH_REASONS[finishReason]],
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
  };
}

/** Longest text of one message in a span, in UTF-16 units: cut here, so that the JSON around it stays whole. */
const MAX_TEXT = 16_384;
const part = (content: string) => [{ type: 'text', content: content.slice(0, MAX_TEXT) }];

/** Prompts, for spans whose reader asked for them. */
export function promptAttributes({ system, messages }: CompletionRequest) {
  return {
    'gen_ai.system_instructions': JSON.stringify(part(system)),
    'gen_ai.input.messages': JSON.stringify(messages.map(({ role, content }) => ({ role, parts: part(content) }))),
  };
}

/** The answer, alike. */
export function replyAttributes({ text, finishReason }: Completion) {
  const message = { role: 'assistant', parts: part(text), finish_reason: FINISH_REASONS[finishReason] };
  return { 'gen_ai.output.messages': JSON.stringify([message]) };
}
