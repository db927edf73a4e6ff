import type OpenAI from 'openai';
import type { Rung } from './answer-ladder.ts';
import { messagesFor } from './answer-ladder.ts';
import { readChatCompletion, readChatStream } from './openai-answer.ts';
import type { CompletionRequest, Provider } from './provider.ts';
import { NARROWING, withoutKeywords } from './schema-dialect.ts';
import { createWireProvider, type WireClient, type WireProviderDeps } from './wire-provider.ts';

/** Deadlines are the factory's: the SDK's own only has to be out of the way. */
const SDK_TIMEOUT_MS = 3_600_000;

/** A provider that speaks OpenAI's chat completions: OpenAI, Azure, Kimi, Mistral, DeepSeek, Gemini, Groq, Ollama and what is compatible. */
export function createOpenAIProvider(deps: WireProviderDeps): Provider {
  return createWireProvider(deps, async (guarded) => {
    const { OpenAI: Client } = await import('openai');
    return new ChatClient(
      new Client({
        baseURL: deps.endpoint.baseURL,
        // The transport adds the key. These are set so that the SDK does not fetch others from the environment.
        apiKey: 'held-by-the-transport',
        organization: null,
        project: null,
        maxRetries: 0,
        timeout: SDK_TIMEOUT_MS,
        logLevel: 'off',
        fetch: guarded,
      }),
      deps,
    );
  });
}

type ChatParams = Omit<OpenAI.ChatCompletionCreateParams, 'stream' | 'stream_options'>;
type TokenLimit = 'max_tokens' | 'max_completion_tokens';

class ChatClient implements WireClient {
  readonly #client: OpenAI;
  readonly #deps: WireProviderDeps;
  /** Models that refused the family's name of the limit. */
  readonly #otherLimit = new Set<string>();

  constructor(client: OpenAI, deps: WireProviderDeps) {
    this.#client = client;
    this.#deps = deps;
  }

  async ask(request: CompletionRequest, how: Parameters<WireClient['ask']>[1]) {
    try {
      return await this.#askWith(request, how);
    } catch (error) {
      if (this.#otherLimit.has(how.model) || !refusesTokenLimit(error)) throw error;
      this.#otherLimit.add(how.model);
      return this.#askWith(request, how);
    }
  }

  async #askWith(request: CompletionRequest, { model, rung, options }: Parameters<WireClient['ask']>[1]) {
    const { family } = this.#deps.endpoint;
    const params = chatParams(request, { model, rung, deps: this.#deps, limit: this.#limitFor(model) });
    const { signal } = options;
    if (request.schema && rung !== 'text' && !family.streamsStructured) {
      const answer = readChatCompletion(await this.#client.chat.completions.create(params, { signal }));
      options.onDelta(answer.text);
      return answer;
    }
    const streamed = { ...params, stream: true, stream_options: { include_usage: true } } as const;
    return readChatStream(await this.#client.chat.completions.create(streamed, { signal }), options);
  }

  #limitFor(model: string): TokenLimit {
    const own = this.#deps.endpoint.family.tokenLimit;
    if (!this.#otherLimit.has(model)) return own;
    return own === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  }
}

/** "Unsupported parameter: 'max_tokens' is not supported with this model." */
function refusesTokenLimit(error: unknown): boolean {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return (
    status === 400 &&
    error instanceof Error &&
    /max_(completion_)?tokens/.test(error.message) &&
    /unsupported|not supported|unrecognized|unknown|extra/i.test(error.message)
  );
}

interface ChatHow {
  model: string;
  rung: Rung;
  deps: WireProviderDeps;
  limit: TokenLimit;
}

function chatParams(request: CompletionRequest, { model, rung, deps, limit }: ChatHow): ChatParams {
  const format = responseFormat(request, rung, deps);
  return {
    model,
    // No temperature: Kimi and Gemini refuse or ignore it, and nothing here depends on it.
    messages: [{ role: 'system', content: request.system }, ...messagesFor(rung, request)],
    [limit]: request.maxTokens,
    ...(format ? { response_format: format } : {}),
    ...thinkingOf(request, deps),
  };
}

function responseFormat(
  { schema }: CompletionRequest,
  rung: Rung,
  deps: WireProviderDeps,
): ChatParams['response_format'] {
  if (!schema || rung === 'text') return undefined;
  if (rung === 'object') return { type: 'json_object' };
  const refused = rung === 'native-plain' ? NARROWING : deps.endpoint.family.refusesKeywords;
  return {
    type: 'json_schema',
    json_schema: { name: schema.name, strict: true, schema: { ...withoutKeywords(schema.schema, refused) } },
  };
}

/** DeepSeek's thinking counts against the limit: a short answer would be empty (finish_reason length). */
const THINKING_FITS_FROM = 8192;
function thinkingOf({ maxTokens, schema }: CompletionRequest, { grant }: WireProviderDeps): object {
  if (grant.type !== 'DeepSeek' || (maxTokens >= THINKING_FITS_FROM && !schema)) return {};
  return { thinking: { type: 'disabled' } };
}
