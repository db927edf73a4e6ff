import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../prompts/', import.meta.url);
const loaded = new Map<string, string>();

export type PromptName = 'visionary' | 'critic' | 'tactician';

/** The system text of a role: its prompt and the rules for all. Read once, so it stays byte-stable for the life of the process. */
export function systemPrompt(name: PromptName): string {
  return `${readPrompt(name)}\n\n${readPrompt('ground-rules')}`;
}

function readPrompt(name: string): string {
  let text = loaded.get(name);
  if (text === undefined) {
    text = readFileSync(new URL(`${name}.md`, FOLDER), 'utf8').trim();
    loaded.set(name, text);
  }
  return text;
}
