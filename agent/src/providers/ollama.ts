import type { ProviderHealth } from '@dark-carnival/crds';
import { messagesFor } from './answer-ladder.ts';
import { classifyAnswer } from './classify-failure.ts';
import { HEALTH_REASONS, NO_MODEL_PULLED } from './health-reasons.ts';
import { isListed } from './judge-model.ts';
import { OllamaError, readChatLines, readTags } from './ollama-wire.ts';
import { probeFailure } from './probe-model-list.ts';
import type { CompletionRequest, Provider } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { NARROWING, withoutKeywords } from './schema-dialect.ts';
import { reserveTokens } from './token-estimate.ts';
import { createWireProvider, type WireClient, type WireProviderDeps } from './wire-provider.ts';

/** A provider that speaks Ollama's own API: its `format` takes the schema, and its list is what was pulled. */
export function createOllamaProvider(deps: WireProviderDeps): Provider {
  const newest = new NewestModel(deps);
  return createWireProvider(deps, async (guarded) => new OllamaClient(deps, guarded), {
    probe: (guarded, signal) => newest.probe(guarded, signal),
    usualModel: (guarded, signal) => newest.find(guarded, signal),
    modelName: () => newest.name,
  });
}

class OllamaClient implements WireClient {
  readonly #deps: WireProviderDeps;
  readonly #fetch: typeof fetch;
  /** Context windows that models were loaded with: another one loads the model anew, so it only grows. */
  readonly #contexts = new Map<string, number>();

  constructor(deps: WireProviderDeps, guarded: typeof fetch) {
    this.#deps = deps;
    this.#fetch = guarded;
  }

  async ask(request: CompletionRequest, { model, rung, options }: Parameters<WireClient['ask']>[1]) {
    const body = {
      model,
      stream: true,
      messages: [{ role: 'system', content: request.system }, ...messagesFor(rung, request)],
      // Thinking would use up the limit, and a format binds it too.
      think: false,
      ...formatOf(request, rung),
      options: { num_predict: request.maxTokens, num_ctx: this.#contextFor(model, request) },
    };
    const response = await this.#fetch(`${this.#deps.endpoint.baseURL}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
      body: JSON.stringify(body),
      signal: options.signal,
    });
    if (!response.ok) throw await refusalOf(response);
    if (!response.body) throw new SyntaxError('an answer without a body');
    return readChatLines(response.body, options);
  }

  /** Without it Ollama takes 4,096 tokens or less and cuts the beginning of a longer prompt off, silently. */
  #contextFor(model: string, request: CompletionRequest): number {
    const needed = reserveTokens(request) + request.maxTokens;
    const window = Math.max(this.#contexts.get(model) ?? SMALLEST_CONTEXT, 2 ** Math.ceil(Math.log2(needed)));
    const bounded = Math.min(window, LARGEST_CONTEXT);
    this.#contexts.set(model, bounded);
    return bounded;
  }
}

const SMALLEST_CONTEXT = 4096;
const LARGEST_CONTEXT = 131_072;

function formatOf({ schema }: CompletionRequest, rung: Parameters<WireClient['ask']>[1]['rung']): object {
  if (!schema || rung === 'text') return {};
  if (rung === 'object') return { format: 'json' };
  return { format: withoutKeywords(schema.schema, rung === 'native' ? [] : NARROWING) };
}

async function refusalOf(response: Response): Promise<OllamaError> {
  const text = (await response.text()).slice(0, 2000);
  let said = text;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'error' in body) said = String(body.error);
  } catch {
    // A proxy's words, then.
  }
  return new OllamaError(said, response.status, response.headers);
}

/** The model that was pulled last, where the grant names none; and what the list says about one that it names. */
class NewestModel {
  readonly #deps: WireProviderDeps;
  name = '';

  constructor(deps: WireProviderDeps) {
    this.#deps = deps;
  }

  async find(guarded: typeof fetch, signal: AbortSignal): Promise<string> {
    const { name } = this.#deps.grant;
    if (this.name === '') [this.name = ''] = await this.#pulled(guarded, signal);
    if (this.name === '')
      throw new ProviderError('not-found', `${name} has no model: ${NO_MODEL_PULLED}`, { provider: name });
    return this.name;
  }

  async probe(guarded: typeof fetch, signal: AbortSignal): Promise<ProviderHealth> {
    const { grant } = this.#deps;
    try {
      const models = await this.#pulled(guarded, signal);
      if (grant.model === undefined) this.name = models[0] ?? '';
      const model = grant.model ?? this.name;
      const shown = { name: grant.name, ...(model === '' ? {} : { model }), models: models.slice(0, 16) };
      if (models.length === 0) return { ...shown, healthy: 'False', reason: 'NoModelPulled' };
      if (isListed(model, models)) return { ...shown, healthy: 'True', reason: 'Healthy' };
      return { ...shown, healthy: 'False', reason: 'ModelUnknown', ...(models[0] ? { replacement: models[0] } : {}) };
    } catch (error) {
      if (error instanceof OllamaError && error.status !== undefined) {
        const kind = classifyAnswer({ status: error.status, body: error.message });
        return {
          name: grant.name,
          healthy: 'False',
          reason: HEALTH_REASONS[kind],
          ...(grant.model ? { model: grant.model } : {}),
        };
      }
      return probeFailure(grant, error, signal);
    }
  }

  async #pulled(guarded: typeof fetch, signal: AbortSignal): Promise<string[]> {
    const response = await guarded(`${this.#deps.endpoint.baseURL}/api/tags`, {
      headers: { accept: 'application/json' },
      signal,
    });
    if (!response.ok) throw await refusalOf(response);
    return readTags(await response.json());
  }
}
