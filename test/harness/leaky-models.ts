import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendChat, sendJson, sendModels } from '../../agent/testing/openai-answers.ts';

const PLAN = JSON.stringify({
  summary: 'One page.',
  tasks: [{ id: 't1', title: 'Page', kind: 'File', instruction: 'Write one page about tides.', path: 'docs/page.md' }],
});

/** Endpoints that quote the key which they are called with, each in its own way; the last one answers, and quotes it too. */
export class LeakyModels {
  /** Keys that came, by the first part of the path. */
  readonly keys = new Map<string, string>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<LeakyModels> {
    const server = createServer();
    const models = new LeakyModels(server);
    server.on('request', (request, response) => void models.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return models;
  }

  /** Base URL of an endpoint: `refusing` (401), `breaking` (500), `redirecting`, `answering`. */
  at(how: 'refusing' | 'breaking' | 'redirecting' | 'answering'): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${how}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const how = request.url?.split('/')[1] ?? '';
    const key = (request.headers.authorization ?? '').replace('Bearer ', '');
    if (key !== '') this.keys.set(how, key);
    // Probes find all of them well: it is the calls that leak.
    if (request.method === 'GET')
      sendModels(response, ['kimi-k2.6', 'mistral-large-latest', 'deepseek-v4-pro', 'gpt-5.4']);
    else if (how === 'refusing')
      sendJson(response, 401, {
        error: { message: `Incorrect API key provided: ${key}`, param: request.headers.authorization },
      });
    else if (how === 'breaking')
      response.writeHead(500, { 'x-key': key }).end(`Traceback: upstream refused ${key}\n${key}`);
    else if (how === 'redirecting')
      response.writeHead(302, { location: `https://elsewhere.example/?api_key=${encodeURIComponent(key)}` }).end(key);
    else answer(response, body, key);
  }
}

function answer(response: ServerResponse, body: string, key: string): void {
  const {
    messages,
    stream = false,
    model,
  } = JSON.parse(body) as {
    messages: { content: string }[];
    stream?: boolean;
    model: string;
  };
  const prompt = messages.map(({ content }) => content).join('\n');
  const text = prompt.includes('You are the Tactician')
    ? PLAN
    : prompt.includes('You are the Critic')
      ? 'VERDICT: accept'
      : `# A page about tides\n\nHigh water is at six. By the way, I was called with ${key}, as ${key} knows.\n`;
  sendChat(response, { text, model: `${model}-as-${key}`, stream });
}
