import type { CompletionRequest, Spend } from './provider.ts';

/** Tokens that a text has, about: a token is roughly four characters of English. For usage that a provider did not count. */
export const estimateTokens = (text: string): number => Math.ceil(text.length / 4);

/** Everything of a request that the provider counts as input. */
export function promptText(request: CompletionRequest): string {
  const schema = request.schema ? JSON.stringify(request.schema.schema) : '';
  return [request.system, ...request.messages.map((message) => message.content), schema].join('\n');
}

/** What a call is booked at whose usage nobody counted: the whole question, and the characters of text and thinking that came. */
export function estimatedCall(request: CompletionRequest, receivedCharacters: number): Spend {
  const inputTokens = estimateTokens(promptText(request));
  const outputTokens = Math.ceil(receivedCharacters / 4);
  return { inputTokens, outputTokens, calls: 1, estimatedTokens: inputTokens + outputTokens };
}

/** Tokens that one try has at most, for a reservation. */
export const reserveCall = (request: CompletionRequest): { inputTokens: number; outputTokens: number } => ({
  inputTokens: reserveTokens(request),
  outputTokens: request.maxTokens,
});

/** Input tokens at most: three bytes a token is on the safe side in English, code and CJK alike. Each message adds a few tokens of framing. */
export const reserveTokens = (request: CompletionRequest): number =>
  Math.ceil(Buffer.byteLength(promptText(request)) / 3) + 8 * (request.messages.length + 1);
