import type OpenAI from 'openai';
import { messagesFor } from './answer-ladder.ts';
import type { ModelTraits, Rung } from './families.ts';
import { traitsOf } from './families.ts';
import { isJSON, readWhole } from './json-response.ts';
import { readChatCompletion, readChatStream } from './openai-answer.ts';
import type { CompletionRequest, Provider } from './provider.ts';
import { RefusedParameters, refusedParameter } from './refused-parameters.ts';
import { NARROWING, withoutKeywords } from './schema-dialect.ts';
import { createWireProvider, type RawAnswer, type WireClient, type WireProviderDeps } from './wire-provider.ts';

/** Deadlines are the factory's: the SDK's own only has to be out of the way. */
const SDK_TIMEOUT_MS = 3_600_000;

/** A provider that speaks OpenAI's chat completions: OpenAI, Azure, Kimi, Mistral, DeepSeek, Gemini, Groq and what is compatible. */
export function createOpenAIProvider(deps: WireProviderDeps): Provider {
  return createWireProvider(deps, async (guarded) => {
    const { OpenAI: Client } = await import('openai');
    const { Stream } = await import('openai/streaming');
    const client = new Client({
      baseURL: deps.endpoint.baseURL,
      // The transport adds the key. These are set so that the SDK does not fetch others from the environment.
      apiKey: 'held-by-the-transport',
      organization: null,
      project: null,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
      fetch: guarded,
    });
    return new ChatClient(client, deps, (response, controller) => Stream.fromSSEResponse(response, controller, client));
  });
}

type ChatParams = Omit<OpenAI.ChatCompletionCreateParams, 'stream'>;
type How = Parameters<WireClient['ask']>[1];
type OpenStream = (response: Response, controller: AbortController) => AsyncIterable<OpenAI.ChatCompletionChunk>;

class ChatClient implements WireClient {
  readonly #client: OpenAI;
  readonly #deps: WireProviderDeps;
  readonly #openStream: OpenStream;
  readonly #refused = new RefusedParameters();

  constructor(client: OpenAI, deps: WireProviderDeps, openStream: OpenStream) {
    this.#client = client;
    this.#deps = deps;
    this.#openStream = openStream;
  }

  async ask(request: CompletionRequest, how: How): Promise<RawAnswer> {
    for (;;) {
      const params = this.#paramsFor(request, how);
      try {
        return await this.#send(params, how.options);
      } catch (error) {
        // Such a refusal costs nothing; each parameter can be refused once, so this ends.
        const parameter = refusedParameter(error, Object.keys(params));
        if (parameter === undefined || !this.#refused.add(how.model, parameter)) throw error;
      }
    }
  }

  #paramsFor(request: CompletionRequest, { model, rung }: How): ChatParams & { stream?: true } {
    const { endpoint, grant } = this.#deps;
    const traits = traitsOf(grant, endpoint.family, model);
    const refused = this.#refused.of(model);
    const isWhole = request.schema !== undefined && rung !== 'text' && !endpoint.family.streamsStructured;
    const params: Record<string, unknown> = {
      model,
      // No temperature: Kimi and Gemini refuse or ignore it, and nothing here depends on it.
      messages: [{ role: 'system', content: request.system }, ...messagesFor(rung, request)],
      [this.#limitName(traits, refused)]: request.maxTokens,
      ...formatOf(request, rung, this.#deps),
      ...thinkingOf(request, traits),
      ...(isWhole ? {} : { stream: true, stream_options: { include_usage: true } }),
    };
    for (const name of refused) if (name !== 'max_tokens' && name !== 'max_completion_tokens') delete params[name];
    return params as unknown as ChatParams & { stream?: true };
  }

  #limitName({ tokenLimit }: ModelTraits, refused: ReadonlySet<string>): string {
    if (!refused.has(tokenLimit)) return tokenLimit;
    return tokenLimit === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  }

  /** Servers were seen that do not stream whatever they are asked: what came decides how it is read. */
  async #send(params: ChatParams & { stream?: true }, options: How['options']): Promise<RawAnswer> {
    const controller = new AbortController();
    const signal = AbortSignal.any([options.signal, controller.signal]);
    const response = await this.#client.chat.completions
      .create(params as OpenAI.ChatCompletionCreateParams, { signal })
      .asResponse();
    if (!isJSON(response)) return readChatStream(this.#openStream(response, controller), options);
    const answer = readChatCompletion(await readWhole<OpenAI.ChatCompletion>(response));
    options.onDelta(answer.text);
    return answer;
  }
}

function formatOf({ schema }: CompletionRequest, rung: Rung, { endpoint }: WireProviderDeps): object {
  if (!schema || rung === 'text') return {};
  if (rung === 'object') return { response_format: { type: 'json_object' } };
  const refused = rung === 'native' ? endpoint.family.refusesKeywords : NARROWING;
  const { name } = schema;
  const shape = { ...withoutKeywords(schema.schema, refused) };
  if (rung === 'tool')
    return {
      tools: [
        { type: 'function', function: { name, description: 'Hands in the answer.', strict: true, parameters: shape } },
      ],
      tool_choice: { type: 'function', function: { name } },
    };
  return { response_format: { type: 'json_schema', json_schema: { name, strict: true, schema: shape } } };
}

/** Thinking counts against the limit: a short answer would be empty (finish_reason length). */
const THINKING_FITS_FROM = 8192;
function thinkingOf({ maxTokens, schema }: CompletionRequest, { thinking, least }: ModelTraits): object {
  if (maxTokens >= THINKING_FITS_FROM && !schema) return {};
  if (thinking === 'Switch') return { thinking: { type: 'disabled' } };
  return thinking === 'Effort' && least !== undefined ? { reasoning_effort: least } : {};
}
