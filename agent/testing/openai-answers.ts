import type { ServerResponse } from 'node:http';

/** What models of the tests answer on the OpenAI wire: small, whole and of one cost. Shapes as real providers send them are in openai-fixtures.ts. */
export interface ChatAnswer {
  text: string;
  model: string;
  /** As the question asked for it. */
  stream: boolean;
}

const USAGE = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 };

/** Sends one answer, and ends. */
export function sendChat(response: ServerResponse, { text, model, stream }: ChatAnswer): void {
  const base = { id: 'c1', created: 1, model };
  if (!stream) {
    const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } };
    sendJson(response, 200, { ...base, object: 'chat.completion', choices: [choice], usage: USAGE });
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const chunk = (choices: unknown[], rest = {}) =>
    response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...rest })}\n\n`);
  chunk([{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }]);
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  chunk([], { usage: USAGE });
  response.end('data: [DONE]\n\n');
}

/** Sends the list of models. */
export function sendModels(response: ServerResponse, ids: readonly string[]): void {
  sendJson(response, 200, { object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
