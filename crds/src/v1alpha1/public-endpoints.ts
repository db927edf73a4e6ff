import type { ModelProviderSpec, ProviderType } from './model-provider.ts';

/** Base URL of a family where `spec.endpoint` names none, as its documentation gave it in 2026-11. A family that is not here must be given one. */
export const PUBLIC_ENDPOINTS: Readonly<Partial<Record<ProviderType, string>>> = {
  Kimi: 'https://api.moonshot.ai/v1',
  Mistral: 'https://api.mistral.ai/v1',
  DeepSeek: 'https://api.deepseek.com',
  OpenAI: 'https://api.openai.com/v1',
  Anthropic: 'https://api.anthropic.com',
  Gemini: 'https://generativelanguage.googleapis.com/v1beta/openai',
  Groq: 'https://api.groq.com/openai/v1',
  Ollama: 'http://127.0.0.1:11434',
};

/** Host name that a provider's key goes to, and so the one that its Secret has to allow; undefined where there is none. */
export function endpointHost({ type, endpoint }: Pick<ModelProviderSpec, 'type' | 'endpoint'>): string | undefined {
  const base = endpoint ?? PUBLIC_ENDPOINTS[type];
  return base !== undefined && URL.canParse(base) ? new URL(base).hostname.toLowerCase() : undefined;
}
