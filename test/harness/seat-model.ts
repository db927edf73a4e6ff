import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendChat, sendJson, sendModels } from '../../agent/testing/openai-answers.ts';

export type SeatAsked = 'visionary' | 'critic' | 'tactician' | 'task';

/** How a model behaves from now on. Down: it cannot be reached; busy: it asks to be left alone for so many seconds. */
export type Behaviour = 'well' | 'down' | { busySeconds: number };

const SEATS: [string, SeatAsked][] = [
  ['You are the Visionary', 'visionary'],
  ['You are the Critic', 'critic'],
  ['You are the Tactician', 'tactician'],
];
const ANSWERS: Record<SeatAsked, string> = {
  visionary: 'One page about the tides.',
  critic: JSON.stringify({ objections: [{ severity: 'Minor', claim: 'No units.', evidence: 'x' }], verdict: 'Reject' }),
  tactician: JSON.stringify({
    summary: 'One page.',
    tasks: { t1: { title: 'Page', kind: 'File', instruction: 'Write one page.', path: 'docs/page.md' } },
  }),
  task: '# The page\n\nHigh water is at six.\n',
};

/** A model on the OpenAI wire that knows its part in every seat, and fails as a test wants it. */
export class SeatModel {
  /** Seats that it was asked as and answered, oldest first. */
  readonly answered: SeatAsked[] = [];
  behaviour: Behaviour = 'well';
  /** The one key that it takes; absent: any. */
  key: string | undefined;
  /** Called once an answer is decided on, before it is sent. */
  onAnswer: (seat: SeatAsked) => void = () => {};
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #model: string;

  private constructor(model: string) {
    this.#model = model;
  }

  static async open(model: string): Promise<SeatModel> {
    const opened = new SeatModel(model);
    await new Promise<void>((resolve) => opened.#server.listen(0, '127.0.0.1', resolve));
    return opened;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (this.behaviour === 'down') {
      request.socket.destroy();
      return;
    }
    if (this.key !== undefined && request.headers.authorization !== `Bearer ${this.key}`) {
      sendJson(response, 401, { error: { message: 'Incorrect API key provided', type: 'invalid_request_error' } });
      return;
    }
    if (request.method === 'GET') {
      sendModels(response, [this.#model]);
      return;
    }
    if (this.behaviour !== 'well') {
      response.setHeader('retry-after', String(this.behaviour.busySeconds));
      sendJson(response, 429, { error: { message: 'slow down', type: 'rate_limit' } });
      return;
    }
    const { messages, stream } = JSON.parse(body) as { messages: { content: string }[]; stream?: boolean };
    const prompt = messages.map(({ content }) => content).join('\n');
    const seat = SEATS.find(([words]) => prompt.includes(words))?.[1] ?? 'task';
    this.answered.push(seat);
    this.onAnswer(seat);
    sendChat(response, { text: ANSWERS[seat], model: this.#model, stream: stream === true });
  }
}

/** What `carnival up` is told so that it finds these two, as the first of their seats. */
export const environmentOf = (kimi: SeatModel, mistral: SeatModel): Record<string, string> => ({
  KIMI_API_KEY: 'sk-kimi-canary-0001',
  KIMI_ENDPOINT: kimi.endpoint,
  KIMI_MODEL: 'kimi-k2.6',
  MISTRAL_API_KEY: 'sk-mistral-canary-0002',
  MISTRAL_ENDPOINT: mistral.endpoint,
  MISTRAL_MODEL: 'mistral-large-latest',
});

/** The two models of `environmentOf`. */
export const openTwoModels = (): Promise<[kimi: SeatModel, mistral: SeatModel]> =>
  Promise.all([SeatModel.open('kimi-k2.6'), SeatModel.open('mistral-large-latest')]);
