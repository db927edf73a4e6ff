import type { CompletionRequest } from './provider.ts';

/** Tokens that a text has, about: a token is roughly four characters of English. For usage that a provider did not count. */
export const estimateTokens = (text: string): number => Math.ceil(text.length / 4);

/** Everything of a request that the provider counts as input. */
export function promptText(request: CompletionRequest): string {
  const schema = request.schema ? JSON.stringify(request.schema.schema) : '';
  return [request.system, ...request.messages.map((message) => message.content), schema].join('\n');
}

/**
 * Input tokens that a request has at most, for a reservation: three bytes a token is on the safe side in English, code and CJK alike.
 * Each message adds a few tokens of framing.
 */
export const reserveTokens = (request: CompletionRequest): number =>
  Math.ceil(Buffer.byteLength(promptText(request)) / 3) + 8 * (request.messages.length + 1);
