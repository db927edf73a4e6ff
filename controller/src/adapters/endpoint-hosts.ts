import type { ModelProviderSpec, ProviderType } from '@dark-carnival/crds';

/** Host of the endpoint that a family has where spec names none: the same ones that wagons call. */
const PUBLIC_HOSTS: Partial<Readonly<Record<ProviderType, string>>> = {
  Kimi: 'api.moonshot.ai',
  Mistral: 'api.mistral.ai',
  DeepSeek: 'api.deepseek.com',
  Anthropic: 'api.anthropic.com',
  OpenAI: 'api.openai.com',
  Gemini: 'generativelanguage.googleapis.com',
  Groq: 'api.groq.com',
  Ollama: '127.0.0.1',
};

/** Host that a provider's key would be sent to; undefined where there is none. */
export function endpointHost({ type, endpoint }: Pick<ModelProviderSpec, 'type' | 'endpoint'>): string | undefined {
  if (endpoint === undefined) return PUBLIC_HOSTS[type];
  try {
    return new URL(endpoint).hostname.toLowerCase();
  } catch {
    return undefined;
  }
}

/** Whether a comma-separated list of host names has a host: whole names only, so a list never means more than it says. */
export function allowsHost(list: string | undefined, host: string): boolean {
  return (list ?? '').split(',').some((entry) => entry.trim().toLowerCase() === host);
}
