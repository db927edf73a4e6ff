import { z } from 'zod';
import type { FinishReason } from './provider.ts';
import { plausible } from './token-count.ts';
import type { ProgressOptions, RawAnswer } from './wire-provider.ts';

/** Ollama's own API: one JSON object a line. */

/** An answer that Ollama refused or broke off, in the shape in which SDKs throw theirs. */
export class OllamaError extends Error {
  readonly status: number | undefined;
  readonly error: unknown;
  readonly headers: Headers | undefined;

  constructor(message: string, status?: number, headers?: Headers) {
    super(message);
    this.status = status;
    this.error = { message };
    this.headers = headers;
  }
}

const lineSchema = z.object({
  message: z.object({ content: z.string().optional(), thinking: z.string().optional() }).optional(),
  done: z.boolean().optional(),
  done_reason: z.string().optional(),
  prompt_eval_count: z.unknown().optional(),
  eval_count: z.unknown().optional(),
  error: z.unknown().optional(),
});

/** A line that is longer than this is none: an answer comes token by token. */
const MAX_LINE = 5_000_000;

/**
 * Reads a chat that is streamed as lines.
 * @throws OllamaError for an error within the stream (it comes under status 200); SyntaxError for what is no JSON object.
 */
export async function readChatLines(body: ReadableStream<Uint8Array>, options: ProgressOptions): Promise<RawAnswer> {
  let text = '';
  let last: z.output<typeof lineSchema> | undefined;
  for await (const line of linesOf(body)) {
    last = parsedLine(line);
    if (last.error !== undefined && last.error !== null) throw new OllamaError(wordsOf(last.error));
    const { content = '', thinking = '' } = last.message ?? {};
    text += content;
    if (content === '') options.onActivity(thinking.length);
    else options.onDelta(content);
    if (last.done) break;
  }
  const usage = plausible(last?.prompt_eval_count, last?.eval_count, text);
  return { text, finish: finishOf(last), ...(usage ? { usage } : {}) };
}

const wordsOf = (error: unknown): string => (typeof error === 'string' ? error : JSON.stringify(error));

function finishOf(
  last: { done?: boolean | undefined; done_reason?: string | undefined } | undefined,
): FinishReason | 'broken' {
  if (!last?.done) return 'broken';
  return last.done_reason === 'length' ? 'length' : 'stop';
}

function parsedLine(line: string): z.output<typeof lineSchema> {
  const parsed = lineSchema.safeParse(JSON.parse(line));
  if (!parsed.success) throw new SyntaxError('a line that is no part of a chat');
  return parsed.data;
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    if (rest.length > MAX_LINE) throw new SyntaxError('a line that does not end');
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield line;
  }
  if (rest.trim() !== '') yield rest;
}

const tagsSchema = z.object({
  models: z.array(z.object({ name: z.string().max(256), modified_at: z.string().max(64).optional() })).max(10_000),
});

/** Names of the models that were pulled, the newest first. @throws where it is no list of Ollama's. */
export function readTags(body: unknown): string[] {
  const { models } = tagsSchema.parse(body);
  return models.toSorted((a, b) => (b.modified_at ?? '').localeCompare(a.modified_at ?? '')).map(({ name }) => name);
}
