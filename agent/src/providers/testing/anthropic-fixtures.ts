import type { AnswerShape } from './openai-fixtures.ts';
import type { Reply } from './wire-server.ts';

/** Answers in the shape in which Anthropic's messages give them: taken from real answers, with ids and texts shortened. */

const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const SSE = { 'content-type': 'text/event-stream; charset=utf-8' };
const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/g) ?? [];

/** Input counts without the cache, which stands beside it: together they are what was read. */
const start = (input: number | undefined) =>
  event('message_start', {
    message: {
      id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
      type: 'message',
      role: 'assistant',
      model: 'claude-fixture',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      ...(input === undefined
        ? {}
        : {
            usage: {
              input_tokens: input - 5,
              cache_creation_input_tokens: 2,
              cache_read_input_tokens: 3,
              output_tokens: 1,
            },
          }),
    },
  });

const end = (reason: string, output: number | undefined) =>
  event('message_delta', {
    delta: { stop_reason: reason, stop_sequence: null },
    ...(output === undefined ? {} : { usage: { output_tokens: output } }),
  }) + event('message_stop', {});

const textBlock = (text: string, index = 0): string[] => [
  event('content_block_start', { index, content_block: { type: 'text', text: '' } }),
  event('ping', {}),
  ...pieces(text).map((piece) => event('content_block_delta', { index, delta: { type: 'text_delta', text: piece } })),
  event('content_block_stop', { index }),
];

const counts = (usage: AnswerShape['usage'] = [21, 9]): [number, number] | [undefined, undefined] =>
  usage === 'missing' ? [undefined, undefined] : usage;

export function messageStream(text: string, { finish = 'end_turn', usage, after = 'end' }: AnswerShape = {}): Reply {
  const [input, output] = counts(usage);
  return { headers: SSE, chunks: [start(input), ...textBlock(text), end(finish, output)], after };
}

export const brokenMessageStream = (text: string, after: Reply['after']): Reply => ({
  headers: SSE,
  chunks: [start(21), ...textBlock(text)],
  after: after ?? 'end',
});

/** A model that says a sentence before it hands in the form. */
export const toolStream = (name: string, input: object): Reply => ({
  headers: SSE,
  chunks: [
    start(40),
    ...textBlock('I will hand it in.'),
    event('content_block_start', { index: 1, content_block: { type: 'tool_use', id: 'toolu_01', name, input: {} } }),
    ...pieces(JSON.stringify(input)).map((piece) =>
      event('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: piece } }),
    ),
    event('content_block_stop', { index: 1 }),
    end('tool_use', 30),
  ],
});

export const thinkingMessageStream = (text: string): Reply => ({
  headers: SSE,
  chunks: [
    start(30),
    event('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'Let me see {not it}' } }),
    event('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'EqQB' } }),
    event('content_block_stop', { index: 0 }),
    ...textBlock(text, 1),
    end('end_turn', 40),
  ],
});

export const anthropicError = (
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
): Reply => ({
  status,
  headers,
  chunks: [JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_011CS' })],
});

/** Overload that comes after the stream has begun. */
export const errorInMessageStream: Reply = {
  headers: SSE,
  chunks: [
    start(21),
    ...textBlock('Some').slice(0, 3),
    event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  ],
};

export const anthropicModelList = (...ids: string[]): Reply => ({
  chunks: [
    JSON.stringify({
      data: ids.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' })),
      has_more: false,
      first_id: ids[0] ?? null,
      last_id: ids.at(-1) ?? null,
    }),
  ],
});
