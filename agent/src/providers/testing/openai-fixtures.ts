import type { Reply } from './wire-server.ts';

/** Answers in the shape in which OpenAI's chat completions give them: taken from real answers, with ids and texts shortened. */

const chunk = (delta: object, finish: string | null = null, more: object = {}): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-CfkX7yq2',
    object: 'chat.completion.chunk',
    created: 1_763_900_000,
    model: 'fixture-model-2026-10-01',
    service_tier: 'default',
    system_fingerprint: 'fp_5b3c1a',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
    ...more,
  })}\n\n`;

const usage = (input: number, output: number) =>
  chunk({}, null, {
    choices: [],
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, accepted_prediction_tokens: 0 },
    },
  });

const DONE = 'data: [DONE]\n\n';
const SSE = { 'content-type': 'text/event-stream; charset=utf-8' };
const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/g) ?? [];

export interface AnswerShape {
  finish?: string;
  usage?: [number, number] | 'missing';
  after?: Reply['after'];
}

/** A streamed answer. */
export function chatStream(
  text: string,
  { finish = 'stop', usage: counted = [21, 9], after = 'end' }: AnswerShape = {},
): Reply {
  return {
    headers: SSE,
    chunks: [
      chunk({ role: 'assistant', content: '', refusal: null }),
      ...pieces(text).map((piece) => chunk({ content: piece })),
      chunk({}, finish),
      ...(counted === 'missing' ? [] : [usage(...counted)]),
      DONE,
    ],
    after,
  };
}

/** A stream that ends, in one way or another, before it says why. */
export const brokenChatStream = (text: string, after: Reply['after']): Reply => ({
  headers: SSE,
  chunks: [chunk({ role: 'assistant', content: '' }), ...pieces(text).map((piece) => chunk({ content: piece }))],
  after: after ?? 'end',
});

/** A stream in which the model thinks aloud, blank lines and comments keep the line warm, and the answer comes at last. */
export const thinkingChatStream = (text: string): Reply => ({
  headers: SSE,
  chunks: [
    ': keep-alive\n\n',
    chunk({ role: 'assistant', content: null, reasoning_content: 'Let me see' }),
    '\n',
    chunk({ content: null, reasoning_content: ' {not the answer}' }),
    ': keep-alive\n\n',
    ...pieces(text).map((piece) => chunk({ content: piece, reasoning_content: null })),
    chunk({ content: '' }, 'stop'),
    usage(30, 40),
    DONE,
  ],
});

export const refusalChatStream = (words: string): Reply => ({
  headers: SSE,
  chunks: [
    chunk({ role: 'assistant', refusal: '' }),
    ...pieces(words).map((piece) => chunk({ refusal: piece })),
    chunk({}, 'stop'),
    usage(21, 6),
    DONE,
  ],
});

/** Ollama's way to fail in the middle: an error object under status 200. */
export const errorInChatStream: Reply = {
  headers: SSE,
  chunks: [
    chunk({ role: 'assistant', content: 'Some' }),
    `data: ${JSON.stringify({ error: { message: 'model runner has unexpectedly stopped', type: 'api_error' } })}\n\n`,
  ],
};

export const chatCompletion = (content: string): Reply => ({
  chunks: [
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_763_900_000,
      model: 'openai/gpt-oss-120b',
      choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'stop' }],
      usage: { queue_time: 0.01, prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 },
    }),
  ],
});

export const openAIError = (status: number, error: object, headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  chunks: [JSON.stringify({ error })],
});

export const modelList = (...ids: string[]): Reply => ({
  chunks: [
    JSON.stringify({ object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 1, owned_by: 'x' })) }),
  ],
});

/** An answer that is handed in by a tool, its input in pieces. */
export const toolCallStream = (name: string, input: string): Reply => ({
  headers: SSE,
  chunks: [
    chunk({
      role: 'assistant',
      content: null,
      tool_calls: [{ index: 0, id: 'call_9fQ1', type: 'function', function: { name, arguments: '' } }],
    }),
    ...pieces(input).map((piece) => chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
    chunk({}, 'tool_calls'),
    usage(21, 9),
    DONE,
  ],
});
