import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seeded } from '@dark-carnival/local/simulator';
import { sendChat, sendModels } from '../../../agent/testing/openai-answers.ts';

/** One answer that was bought, or begun to be. */
export interface Bought {
  /** Of everything that was said to the model, and which model it was: the same question has the same digest. */
  readonly digest: string;
  readonly model: string;
  readonly from: number;
  /** When the answer was sent, or the caller went away. */
  until: number;
}

export const MODELS = ['dreamer', 'doubter', 'planner', 'worker'] as const;

/** A provider of the OpenAI wire that takes its time and counts what it sells. The answer depends on the question alone. */
export class CountingModel {
  readonly sold: Bought[] = [];
  readonly #server: Server;
  readonly #random: () => number;
  readonly #slowestMs: number;

  private constructor(server: Server, seed: number, slowestMs: number) {
    this.#server = server;
    this.#random = seeded(seed);
    this.#slowestMs = slowestMs;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async open(seed: number, slowestMs: number): Promise<CountingModel> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CountingModel(server, seed, slowestMs);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      sendModels(response, MODELS);
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    const { messages, model, stream } = JSON.parse(body) as { messages: unknown; model: string; stream?: boolean };
    const digest = createHash('sha256')
      .update(JSON.stringify([model, messages]))
      .digest('hex');
    const sale: Bought = { digest, model, from: performance.now(), until: Number.POSITIVE_INFINITY };
    this.sold.push(sale);
    response.on('close', () => {
      sale.until = Math.min(sale.until, performance.now());
    });
    const takesMs = this.#slowestMs * (0.4 + 0.6 * this.#random());
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    if (response.destroyed) return;
    sale.until = performance.now();
    sendChat(response, { text: answerOf(model, digest), model, stream: stream === true });
  }
}

const TASKS = ['t1', 't2', 't3'].map((id) => ({
  id,
  title: `File ${id}`,
  kind: 'File',
  instruction: `Write file ${id}.`,
  path: `docs/${id}.md`,
  dependsOn: id === 't3' ? ['t1', 't2'] : [],
}));

function answerOf(model: string, digest: string): string {
  switch (model) {
    case 'dreamer':
      return `A vision, ${digest.slice(0, 8)}.`;
    case 'doubter':
      return JSON.stringify({ verdict: 'Accept', objections: [] });
    case 'planner':
      return JSON.stringify({ summary: 'Three files.', tasks: TASKS });
    default:
      return `# What was asked\n\n${digest}\n`;
  }
}
