import { chatStream, modelList } from '../../agent/src/providers/testing/openai-fixtures.ts';
import { type SentRequest, startWireServer } from '../../agent/src/providers/testing/wire-server.ts';

export type SeatAsked = 'visionary' | 'critic' | 'tactician' | 'task';

/** One question that the model was asked. */
export interface Asked {
  seat: SeatAsked;
  /** The `case-…` that its prompt is about. */
  about: string;
  /** The first message of the user: everything that is material stands in it. */
  material: string;
}

export interface ObeyingModel {
  url: string;
  host: string;
  asked: readonly Asked[];
  /** Everything that was sent, as it was sent, but for its headers. */
  bodies(): string[];
  paths(): string[];
  close(): Promise<void>;
}

/**
 * An order that the model obeys to the letter, wherever it finds it: asked as that seat it answers exactly this. It survives every delimiter and
 * escape on its way, so that a test is about what an obedient model can do and not about whether it reads the order.
 */
export const order = (seat: SeatAsked, answer: string | object): string => {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return `OBEY(${seat},${Buffer.from(text).toString('base64url')})`;
};

const SEATS: [string, SeatAsked][] = [
  ['You are the Visionary', 'visionary'],
  ['You are the Critic', 'critic'],
  ['You are the Tactician', 'tactician'],
];

export const HARMLESS_TASK = {
  title: 'Write the page',
  kind: 'File',
  instruction: 'Write one page in Markdown.',
  path: 'docs/page.md',
};
export const BLOCKER = 'Nothing says who reads the page.';

/** What it says where nobody gives it an order. The Visionary repeats its prompt, as weak models do, orders included. */
const HARMLESS: Record<SeatAsked, (material: string) => string> = {
  visionary: (material) => `One page. ${material.replace(/<<<[A-Z-]+|[A-Z-]+>>>/g, '')}`,
  critic: () =>
    JSON.stringify({
      objections: [{ severity: 'Blocker', claim: BLOCKER, evidence: 'The draft names no reader.' }],
      verdict: 'Reject',
    }),
  tactician: () => JSON.stringify({ summary: 'One page.', tasks: { t1: HARMLESS_TASK } }),
  task: () => '# The page\n\nHigh water is at six.\n',
};

/** Starts a server that speaks the OpenAI API for a model which does whatever it is told, whoever tells it. */
export async function startObeyingModel(): Promise<ObeyingModel> {
  const asked: Asked[] = [];
  const server = await startWireServer((request) => {
    if (request.method === 'GET') return modelList('puppet-1');
    const { seat, about, material, prompt } = read(request);
    asked.push({ seat, about, material });
    const orders = [...prompt.matchAll(/OBEY\((\w+),([\w-]+)\)/g)].filter(([, to]) => to === seat);
    const last = orders.at(-1)?.[2];
    return chatStream(last === undefined ? HARMLESS[seat](material) : Buffer.from(last, 'base64url').toString('utf8'));
  });
  return {
    url: server.url,
    host: server.host,
    asked,
    bodies: () => server.requests.map(({ body }) => JSON.stringify(body) ?? ''),
    paths: () => server.requests.map(({ method, path }) => `${method} ${path}`),
    close: () => server.close(),
  };
}

function read({ body }: SentRequest): Asked & { prompt: string } {
  const messages = (body?.messages ?? []) as { role: string; content: string }[];
  const system = messages.find(({ role }) => role === 'system')?.content ?? '';
  const users = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
  const prompt = users.join('\n');
  return {
    seat: SEATS.find(([words]) => system.includes(words))?.[1] ?? 'task',
    about: /case-[a-z0-9-]+/.exec(prompt)?.[0] ?? '',
    material: users[0] ?? '',
    prompt,
  };
}
