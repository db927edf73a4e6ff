import type OpenAI from 'openai';
import type { FinishReason } from './provider.ts';
import { plausible } from './token-count.ts';
import type { ProgressOptions, RawAnswer } from './wire-provider.ts';

/** Reads a streamed chat completion. What is received is judged by shape: compatible servers leave out what the types promise. */
export async function readChatStream(
  stream: AsyncIterable<OpenAI.ChatCompletionChunk>,
  options: ProgressOptions,
): Promise<RawAnswer> {
  const said = { text: '', tool: '' };
  let refused = false;
  let finish: string | null | undefined;
  let usage: OpenAI.CompletionUsage | null | undefined;
  let model: unknown;
  for await (const chunk of stream) {
    usage = chunk.usage ?? usage;
    model ??= chunk.model;
    const choice = chunk.choices?.[0];
    if (!choice) continue;
    finish = choice.finish_reason ?? finish;
    const { content, refusal, tool_calls: calls } = choice.delta ?? {};
    refused ||= typeof refusal === 'string' && refusal !== '';
    const input = calls?.[0]?.function?.arguments ?? '';
    const piece = textOf(content) || refusal || input;
    if (piece === '') {
      options.onActivity(reasoningLength(choice.delta));
      continue;
    }
    if (input !== '') said.tool += input;
    else said.text += piece;
    options.onDelta(piece);
  }
  return { ...answerOf(said, finish, refused, usage), model: nameOf(model) };
}

/** Reads a chat completion that came whole. */
export function readChatCompletion(completion: OpenAI.ChatCompletion): RawAnswer {
  const choice = completion.choices?.[0];
  const refusal = choice?.message?.refusal ?? '';
  const call = choice?.message?.tool_calls?.[0];
  const tool = call && 'function' in call ? (call.function?.arguments ?? '') : '';
  const text = textOf(choice?.message?.content) || refusal;
  const answer = answerOf({ text, tool }, choice?.finish_reason, refusal !== '', completion.usage);
  return { ...answer, model: nameOf(completion.model) };
}

const nameOf = (model: unknown): string | undefined => (typeof model === 'string' ? model : undefined);

/** Where a tool was used, its input is the answer; what was said before it is talk. */
function answerOf(
  said: { text: string; tool: string },
  finish: string | null | undefined,
  refused: boolean,
  usage: OpenAI.CompletionUsage | null | undefined,
): RawAnswer {
  const text = said.tool === '' ? said.text : said.tool;
  const counted = plausible(usage?.prompt_tokens, usage?.completion_tokens, text);
  return { text, finish: finishOf(finish, refused), ...(counted ? { usage: counted } : {}) };
}

/** Mistral's thinking models send content as a list of parts; only those of type text are the answer. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (part?.type === 'text' && typeof part.text === 'string' ? part.text : '')).join('');
}

/** `reasoning_content` (DeepSeek, Kimi, llama.cpp) or `reasoning` (Groq): progress, but no part of the answer. 0 where there is none. */
function reasoningLength(delta: object | undefined): number {
  const parts = Object.entries(delta ?? {}).filter(([key]) => key === 'reasoning_content' || key === 'reasoning');
  return parts.reduce((sum, [, value]) => sum + (typeof value === 'string' ? value.length : 0), 0);
}

function finishOf(reason: string | null | undefined, refused: boolean): FinishReason | 'broken' {
  if (typeof reason !== 'string' || reason === '') return 'broken';
  if (refused) return 'refusal';
  if (reason === 'length') return 'length';
  if (reason === 'content_filter') return 'filter';
  // DeepSeek's word for having run out of machines in the middle of an answer; Mistral's for the same.
  if (reason === 'insufficient_system_resource' || reason === 'error') return 'broken';
  return 'stop';
}
