import { type FoundProvider, ollamaUrl } from '@dark-carnival/crds';
import { z } from 'zod';
import { askJson } from '../ask-json.ts';

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
