import type Anthropic from '@anthropic-ai/sdk';
import type { FinishReason } from './provider.ts';
import { countOr0, isCount, plausible } from './token-count.ts';
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
  let model: unknown;
  for await (const event of stream) {
    if (event.type === 'message_start') {
      model = event.message?.model;
      countStart(counted, event.message?.usage);
    } else if (event.type === 'content_block_delta') take(event.delta, said, options);
    else if (event.type === 'message_delta') {
      finish = finishOf(event.delta?.stop_reason);
      countDelta(counted, event.usage);
    } else options.onActivity();
  }
  return { ...answerOf(said, finish, counted), model: nameOf(model) };
}

/** Reads a message that came whole: some bridges do not stream whatever they are asked. */
export function readMessage(message: Anthropic.Message): RawAnswer {
  const said = { text: '', tool: '' };
  for (const block of Array.isArray(message.content) ? message.content : []) {
    if (block?.type === 'text' && typeof block.text === 'string') said.text += block.text;
    else if (block?.type === 'tool_use') said.tool += JSON.stringify(block.input);
  }
  const counted: Counted = { cache: 0 };
  countStart(counted, message.usage);
  countDelta(counted, message.usage);
  return { ...answerOf(said, finishOf(message.stop_reason), counted), model: nameOf(message.model) };
}

const nameOf = (model: unknown): string | undefined => (typeof model === 'string' ? model : undefined);

function answerOf(said: { text: string; tool: string }, finish: RawAnswer['finish'], counted: Counted): RawAnswer {
  const text = said.tool === '' ? said.text : said.tool;
  const { input, output, cache } = counted;
  const usage = plausible(input === undefined ? undefined : input + cache, output, text);
  return { text, finish, ...(usage ? { usage } : {}) };
}

function take(delta: Anthropic.RawContentBlockDelta, said: { text: string; tool: string }, options: ProgressOptions) {
  if (delta?.type === 'text_delta' && typeof delta.text === 'string') {
    said.text += delta.text;
    options.onDelta(delta.text);
  } else if (delta?.type === 'input_json_delta' && typeof delta.partial_json === 'string') {
    said.tool += delta.partial_json;
    options.onDelta(delta.partial_json);
  } else options.onActivity(delta?.type === 'thinking_delta' ? delta.thinking?.length : 0);
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
}

/** The start of a stream says one token of output, whatever comes: only the last word counts. */
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
const cacheOf = (usage: CacheUsage | undefined): number =>
  countOr0(usage?.cache_read_input_tokens) + countOr0(usage?.cache_creation_input_tokens);
