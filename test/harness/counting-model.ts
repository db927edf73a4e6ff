import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/**
 * A model on the OpenAI wire, as a program: `counting-model.ts PORT DELAY_MS`. Each question is a JSON line on stdout when it comes: the digest of what was
 * asked, which seat asked, and the key that came with it.
 */
const [port = '0', delayMs = '0'] = process.argv.slice(2);
const TASKS = ['one', 'two', 'three', 'four'].map((word, index) => ({
  id: `t${index + 1}`,
  title: `Chapter ${word}`,
  kind: 'File',
  instruction: `Write chapter ${word} of the tide chart for a small harbour, in Markdown.`,
  path: `chapter-${word}.md`,
}));

function answerTo(prompt: string): { seat: string; text: string } {
  if (prompt.includes('You are the Visionary')) return { seat: 'visionary', text: 'A chart in four chapters.' };
  if (prompt.includes('You are the Critic')) return { seat: 'critic', text: 'VERDICT: accept' };
  if (prompt.includes('You are the Tactician'))
    return { seat: 'tactician', text: JSON.stringify({ summary: 'A tide chart in four chapters.', tasks: TASKS }) };
  return { seat: 'task', text: '# A chapter\n\nHigh water is at six, low water at noon.\n' };
}

const server = createServer(async (request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.url?.endsWith('/models')) {
    response.end(JSON.stringify({ object: 'list', data: [{ id: 'kimi-k2.6', object: 'model' }] }));
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
  const base = { id: 'c1', created: 1, model: 'kimi-k2.6' };
  const usage = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 };
  if (!stream) {
    const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } };
    response.end(JSON.stringify({ ...base, object: 'chat.completion', choices: [choice], usage }));
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const chunk = (choices: unknown[], rest = {}) =>
    response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...rest })}\n\n`);
  chunk([{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }]);
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  chunk([], { usage });
  response.end('data: [DONE]\n\n');
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('{"ready":true}\n'));
