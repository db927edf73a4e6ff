import { findJson } from '../../../agent/src/providers/extract-json.ts';
import type { Completion, CompletionRequest } from '../../../agent/src/providers/provider.ts';
import { NARROWING, withoutKeywords } from '../../../agent/src/providers/schema-dialect.ts';

export interface Endpoint {
  /** …/v1 of a server that speaks the OpenAI API. */
  url: string;
  key: string;
  model: string;
}

export interface Sampling {
  temperature: number;
  seed: number;
}

interface ChatAnswer {
  choices?: { message?: { content?: string | null }; finish_reason?: string }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number };
}

/** Asks with a temperature and a seed, which the product's own providers never send: runs of the bench must be the same. @throws on any refusal. */
export async function askEndpoint(
  { url, key, model }: Endpoint,
  request: CompletionRequest,
  { temperature, seed }: Sampling,
  signal: AbortSignal,
): Promise<Completion> {
  const send = (schema: NonNullable<CompletionRequest['schema']>['schema'] | undefined) =>
    fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({
        model,
        messages: [{ role: 'system', content: request.system }, ...request.messages],
        max_tokens: request.maxTokens,
        temperature,
        seed,
        ...(schema && {
          response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
        }),
      }),
      signal,
    });
  let response = await send(request.schema?.schema);
  // A model that knows fewer keywords is asked for the shape alone; what comes is checked afterwards all the same.
  if (response.status === 400 && request.schema)
    response = await send(withoutKeywords(request.schema.schema, NARROWING));
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return completionOf((await response.json()) as ChatAnswer, request, model);
}

async function completionOf(
  { choices, usage }: ChatAnswer,
  request: CompletionRequest,
  model: string,
): Promise<Completion> {
  const text = choices?.[0]?.message?.content ?? '';
  const tokens = { inputTokens: usage?.prompt_tokens ?? 0, outputTokens: usage?.completion_tokens ?? 0 };
  const found = request.schema ? await findJson(text) : undefined;
  return {
    text,
    ...(found ? { json: found.value } : {}),
    provider: 'bench',
    model,
    ...tokens,
    finishReason: choices?.[0]?.finish_reason === 'length' ? 'length' : 'stop',
    usageEstimated: usage === undefined,
    rehearsal: false,
    spent: { ...tokens, calls: 1 },
  };
}
