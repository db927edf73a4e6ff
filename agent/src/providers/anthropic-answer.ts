import type Anthropic from '@anthropic-ai/sdk';
import type { FinishReason, TokenCount } from './provider.ts';
import type { ProgressOptions, RawAnswer } from './wire-provider.ts';

/**
 * Reads a streamed message. Text and the input of a forced tool are both the answer: a model that is told to hand in a form may talk
 * first, and one whose server ignores the tool only talks; where a tool was used, its input is what counts.
 */
export async function readMessageStream(
  stream: AsyncIterable<Anthropic.RawMessageStreamEvent>,
  options: ProgressOptions,
): Promise<RawAnswer> {
  const said = { text: '', tool: '' };
  const counted: Counted = { cache: 0 };
  let finish: FinishReason | 'broken' = 'broken';
  for await (const event of stream) {
    if (event.type === 'message_start') countStart(counted, event.message?.usage);
    else if (event.type === 'content_block_delta') take(event.delta, said, options);
    else if (event.type === 'message_delta') {
      finish = finishOf(event.delta?.stop_reason);
      countDelta(counted, event.usage);
    } else options.onActivity();
  }
  const usage = tokensOf(counted);
  return { text: said.tool === '' ? said.text : said.tool, finish, ...(usage ? { usage } : {}) };
}

function take(delta: Anthropic.RawContentBlockDelta, said: { text: string; tool: string }, options: ProgressOptions) {
  if (delta.type === 'text_delta') {
    said.text += delta.text;
    options.onDelta(delta.text);
  } else if (delta.type === 'input_json_delta') {
    said.tool += delta.partial_json;
    options.onDelta(delta.partial_json);
  } else options.onActivity();
}

function finishOf(reason: string | null | undefined): FinishReason | 'broken' {
  switch (reason) {
    case undefined:
    case null:
      return 'broken';
    case 'max_tokens':
    case 'model_context_window_exceeded':
    // The model would go on if it were asked to: what is there is not whole.
    case 'pause_turn':
      return 'length';
    case 'refusal':
      return 'refusal';
    default:
      return 'stop';
  }
}

/** Tokens as they are told: input and cache with the start, the running output with each delta, both perhaps missing. */
interface Counted {
  input?: number;
  output?: number;
  cache: number;
}

function countStart(counted: Counted, usage: Partial<Anthropic.Usage> | undefined) {
  if (isCount(usage?.input_tokens)) counted.input = usage.input_tokens;
  counted.cache = cacheOf(usage);
  if (isCount(usage?.output_tokens)) counted.output = usage.output_tokens;
}

function countDelta(counted: Counted, usage: Partial<Anthropic.MessageDeltaUsage> | undefined) {
  if (isCount(usage?.output_tokens)) counted.output = usage.output_tokens;
  if (isCount(usage?.input_tokens)) counted.input = usage.input_tokens;
  counted.cache = Math.max(counted.cache, cacheOf(usage));
}

interface CacheUsage {
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}

/** `input_tokens` excludes what was read from or written to the cache. */
function cacheOf(usage: CacheUsage | undefined): number {
  return (usage?.cache_read_input_tokens ?? 0) + (usage?.cache_creation_input_tokens ?? 0);
}

function tokensOf({ input, output, cache }: Counted): TokenCount | undefined {
  if (input === undefined || output === undefined) return undefined;
  return { inputTokens: input + cache, outputTokens: output };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
