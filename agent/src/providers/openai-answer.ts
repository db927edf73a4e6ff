import type OpenAI from 'openai';
import type { FinishReason, TokenCount } from './provider.ts';
import type { ProgressOptions, RawAnswer } from './wire-provider.ts';

type Usage = OpenAI.CompletionUsage | null | undefined;

/** Reads a streamed chat completion. What is received is judged by shape: compatible servers leave out what the types promise. */
export async function readChatStream(
  stream: AsyncIterable<OpenAI.ChatCompletionChunk>,
  options: ProgressOptions,
): Promise<RawAnswer> {
  let text = '';
  let refused = false;
  let finish: string | null | undefined;
  let usage: TokenCount | undefined;
  for await (const chunk of stream) {
    usage = tokensOf(chunk.usage) ?? usage;
    const choice = chunk.choices?.[0];
    if (!choice) continue;
    finish = choice.finish_reason ?? finish;
    const { content, refusal } = choice.delta ?? {};
    refused ||= typeof refusal === 'string' && refusal !== '';
    const piece = content || refusal || '';
    if (piece === '') {
      if (hasReasoning(choice.delta)) options.onActivity();
      continue;
    }
    text += piece;
    options.onDelta(piece);
  }
  return { text, finish: finishOf(finish, refused), ...(usage ? { usage } : {}) };
}

/** Reads a chat completion that came whole. */
export function readChatCompletion(completion: OpenAI.ChatCompletion): RawAnswer {
  const choice = completion.choices?.[0];
  const refusal = choice?.message?.refusal ?? '';
  const usage = tokensOf(completion.usage);
  return {
    text: choice?.message?.content || refusal,
    finish: finishOf(choice?.finish_reason, refusal !== ''),
    ...(usage ? { usage } : {}),
  };
}

/** `reasoning_content` (DeepSeek, Kimi, llama.cpp) or `reasoning` (Groq, Ollama): progress, but no part of the answer. */
function hasReasoning(delta: object | undefined): boolean {
  return delta !== undefined && ['reasoning_content', 'reasoning'].some((key) => key in delta);
}

function finishOf(reason: string | null | undefined, refused: boolean): FinishReason | 'broken' {
  if (reason === null || reason === undefined || reason === '') return 'broken';
  if (refused) return 'refusal';
  if (reason === 'length') return 'length';
  if (reason === 'content_filter') return 'filter';
  // DeepSeek's word for having run out of machines in the middle of an answer.
  if (reason === 'insufficient_system_resource') return 'broken';
  return 'stop';
}

function tokensOf(usage: Usage): TokenCount | undefined {
  const { prompt_tokens: input, completion_tokens: output } = usage ?? {};
  if (!isCount(input) || !isCount(output)) return undefined;
  return { inputTokens: input, outputTokens: output };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
