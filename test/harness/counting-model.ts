import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { sendChat, sendModels } from '../../agent/testing/openai-answers.ts';

/**
 * A model on the OpenAI wire, as a program: `counting-model.ts PORT DELAY_MS`. Each question is a JSON line on stdout when it comes: the digest of what was
 * asked, which seat asked, and the key that came with it.
 */
const [port = '0', delayMs = '0'] = process.argv.slice(2);
const MODEL = 'kimi-k2.6';
const TASKS = ['one', 'two', 'three', 'four'].map((word, index) => ({
  id: `t${index + 1}`,
  title: `Chapter ${word}`,
  kind: 'File',
  instruction: `Write chapter ${word} of the tide chart for a small harbour, in Markdown.`,
  path: `chapter-${word}.md`,
}));

function answerTo(prompt: string): { seat: string; text: string } {
  if (prompt.includes('You are the Visionary')) return { seat: 'visionary', text: 'A chart in four chapters.' };
  if (prompt.includes('You are the Critic')) return { seat: 'critic', text: 'VERDICT: Accept' };
  if (prompt.includes('You are the Tactician'))
    return { seat: 'tactician', text: JSON.stringify({ summary: 'A tide chart in four chapters.', tasks: TASKS }) };
  return { seat: 'task', text: '# A chapter\n\nHigh water is at six, low water at noon.\n' };
}

const server = createServer(async (request, response) => {
  if (request.url?.endsWith('/models')) {
    sendModels(response, [MODEL]);
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const { messages = [], stream } = JSON.parse(body) as { messages?: { content: string }[]; stream?: boolean };
  const prompt = messages.map(({ content }) => content).join('\n');
  const { seat, text } = answerTo(prompt);
  const digest = createHash('sha256').update(prompt).digest('hex');
  process.stdout.write(`${JSON.stringify({ seat, digest, key: request.headers.authorization })}\n`);
  await new Promise((resolve) => setTimeout(resolve, Number(delayMs)));
  sendChat(response, { text, model: MODEL, stream: stream === true });
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('{"ready":true}\n'));
