import type { AnswerShape } from './openai-fixtures.ts';
import type { Reply } from './wire-server.ts';

/** Answers in the shape in which Ollama's own API gives them: taken from a real 0.6.5, with texts shortened. */

const NDJSON = { 'content-type': 'application/x-ndjson' };
const line = (more: object): string =>
  `${JSON.stringify({ model: 'fixture-model', created_at: '2026-11-24T10:00:00.123456789Z', ...more })}\n`;
const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/g) ?? [];
const said = (content: string, more: object = {}) =>
  line({ message: { role: 'assistant', content, ...more }, done: false });

const last = (reason: string, usage: AnswerShape['usage'] = [21, 9]) =>
  line({
    message: { role: 'assistant', content: '' },
    done_reason: reason,
    done: true,
    total_duration: 913_000_000,
    load_duration: 12_000_000,
    ...(usage === 'missing'
      ? {}
      : {
          prompt_eval_count: usage[0],
          prompt_eval_duration: 80_000_000,
          eval_count: usage[1],
          eval_duration: 700_000_000,
        }),
  });

export const ollamaChat = (text: string, { finish = 'stop', usage, after = 'end' }: AnswerShape = {}): Reply => ({
  headers: NDJSON,
  chunks: [...pieces(text).map((piece) => said(piece)), last(finish, usage)],
  after,
});

export const brokenOllamaChat = (text: string, after: Reply['after']): Reply => ({
  headers: NDJSON,
  chunks: pieces(text).map((piece) => said(piece)),
  after: after ?? 'end',
});

export const thinkingOllamaChat = (text: string): Reply => ({
  headers: NDJSON,
  chunks: [
    said('', { thinking: 'Let me' }),
    said('', { thinking: ' see {not the answer}' }),
    ...pieces(text).map((piece) => said(piece)),
    last('stop', [30, 40]),
  ],
});

/** Errors in the middle come as a line, under status 200. */
export const errorInOllamaChat: Reply = {
  headers: NDJSON,
  chunks: [said('Some'), `${JSON.stringify({ error: 'llama runner process has terminated: signal: killed' })}\n`],
};

export const ollamaError = (status: number, error: string): Reply => ({ status, chunks: [JSON.stringify({ error })] });

/** Models as they were pulled, oldest first. */
export const ollamaTags = (...names: string[]): Reply => ({
  chunks: [
    JSON.stringify({
      models: names.map((name, index) => ({
        name,
        model: name,
        modified_at: `2026-11-${String(index + 1).padStart(2, '0')}T08:00:00.000000000+01:00`,
        size: 98_362_432,
        digest: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
        details: { format: 'gguf', family: 'llama', parameter_size: '134.52M', quantization_level: 'Q4_1' },
      })),
    }),
  ],
});
