import type Anthropic from '@anthropic-ai/sdk';
import { messagesFor } from './answer-ladder.ts';
import { readMessage, readMessageStream } from './anthropic-answer.ts';
import type { Rung } from './families.ts';
import { isJSON, readWhole } from './json-response.ts';
import type { CompletionRequest, Provider } from './provider.ts';
import { withoutKeywords } from './schema-dialect.ts';
import { createWireProvider, type WireProviderDeps } from './wire-provider.ts';

/** SDK 1.x sends a version of 2026; bridges and older gateways know this one, and nothing newer is used here. */
const ANTHROPIC_VERSION = '2023-06-01';
/** Deadlines are the factory's: the SDK's own only has to be out of the way. */
const SDK_TIMEOUT_MS = 3_600_000;

/** A provider that speaks Anthropic's messages: Anthropic itself and bridges such as Claudeson. */
export function createAnthropicProvider(deps: WireProviderDeps): Provider {
  return createWireProvider(deps, async (guarded) => {
    const { Anthropic: Client } = await import('@anthropic-ai/sdk');
    const { Stream } = await import('@anthropic-ai/sdk/streaming');
    const client = new Client({
      baseURL: deps.endpoint.baseURL,
      // The transport adds the key. These are set so that the SDK does not fetch others from the environment or a profile.
      apiKey: 'held-by-the-transport',
      authToken: null,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
      openTelemetry: false,
      defaultHeaders: { 'anthropic-version': ANTHROPIC_VERSION },
      fetch: guarded,
    });
    return {
      ask: async (request, { model, rung, options }) => {
        const params = messageParams(request, model, rung, deps);
        const controller = new AbortController();
        const signal = AbortSignal.any([options.signal, controller.signal]);
        const response = await client.messages.create(params, { signal }).asResponse();
        if (!isJSON(response)) return readMessageStream(Stream.fromSSEResponse(response, controller, client), options);
        const answer = readMessage(await readWhole<Anthropic.Message>(response));
        options.onDelta(answer.text);
        return answer;
      },
    };
  });
}

function messageParams(
  request: CompletionRequest,
  model: string,
  rung: Rung,
  { endpoint }: WireProviderDeps,
): Anthropic.MessageCreateParamsStreaming {
  const params: Anthropic.MessageCreateParamsStreaming = {
    model,
    stream: true,
    max_tokens: request.maxTokens,
    system: request.system,
    messages: messagesFor(rung, request).map(({ role, content }) => ({ role, content })),
  };
  const { schema } = request;
  if (!schema || rung === 'text') return params;
  const shape = { ...withoutKeywords(schema.schema, endpoint.family.refusesKeywords), type: 'object' as const };
  if (rung === 'native') return { ...params, output_config: { format: { type: 'json_schema', schema: shape } } };
  return {
    ...params,
    tools: [{ name: schema.name, description: 'Hands in the answer.', input_schema: shape }],
    tool_choice: { type: 'tool', name: schema.name, disable_parallel_tool_use: true },
  };
}
