import { z } from 'zod';
import { askJson } from '../ask-json.ts';
import type { FoundProvider } from './found-provider.ts';

const DEFAULT_HOST = 'http://127.0.0.1:11434';
const TIMEOUT_MS = 700;

const tagsSchema = z.object({
  models: z.array(z.object({ name: z.string().min(1).max(128), modified_at: z.string().optional() })),
});

/** What a local Ollama offers. */
export type OllamaResult =
  | { state: 'Found'; provider: FoundProvider }
  /** It answers, and has no model: one command is missing. */
  | { state: 'NoModel'; host: string }
  | { state: 'Unreachable'; host: string };

/** OLLAMA_HOST as Ollama itself reads it: with or without scheme and port; an address to listen on becomes one to call. */
export function ollamaUrl(host: string | undefined): string {
  if (!host) return DEFAULT_HOST;
  const withScheme = /^https?:\/\//.test(host) ? host : `http://${host}`;
  if (!URL.canParse(withScheme)) return DEFAULT_HOST;
  const url = new URL(withScheme);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.port === '' && url.protocol === 'http:' && !/:80(\/|$)/.test(withScheme)) url.port = '11434';
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/**
 * Asks an Ollama which models it has. Never throws.
 * @param model from OLLAMA_MODEL; else the one pulled last.
 */
export async function findOllama(host: string | undefined, model: string | undefined): Promise<OllamaResult> {
  const url = ollamaUrl(host);
  const models = await listModels(url);
  if (!models) return { state: 'Unreachable', host: url };
  const newest = models.toSorted((a, b) => (b.modified_at ?? '').localeCompare(a.modified_at ?? ''))[0];
  const chosen = model ?? newest?.name;
  if (chosen === undefined) return { state: 'NoModel', host: url };
  const provider: FoundProvider = {
    name: 'ollama',
    type: 'Ollama',
    label: 'Ollama',
    model: chosen,
    endpoint: url,
    foundIn: `a local Ollama at ${url}`,
  };
  return { state: 'Found', provider };
}

async function listModels(url: string) {
  try {
    return tagsSchema.parse(await askJson({ method: 'GET', url: `${url}/api/tags`, timeoutMs: TIMEOUT_MS })).models;
  } catch {
    return undefined;
  }
}
