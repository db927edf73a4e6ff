import { readFileSync } from 'node:fs';
import { artifactPath, type TaskAssignment } from '@dark-carnival/crds';
import type { CompletionRequest, Message } from '../providers/provider.ts';

/** A file that an earlier task left. `text` is absent where this wagon does not hold it as the plan knows it; `note` then says why. */
export interface DependencyText {
  id: string;
  title: string;
  /** Path inside the Objective. */
  path: string;
  text?: string;
  note?: string;
}

/** Characters of one dependency, and of all of them, that go into a prompt: beyond that a small model sees nothing of its task. */
const DEPENDENCY_CHARACTERS = 12_000;
const ALL_DEPENDENCIES_CHARACTERS = 36_000;
const CONTEXT_CHARACTERS = 24_000;

const promptFile = (name: string) => readFileSync(new URL(`../../prompts/${name}.md`, import.meta.url), 'utf8').trim();

/** What a model is asked for one task. Pure but for the prompt file, which is read at each task: editing one needs no restart. */
export function taskRequest(assignment: TaskAssignment, dependencies: DependencyText[]): CompletionRequest {
  const { task, chain, directive, planSummary } = assignment;
  return {
    system: promptFile(task.kind === 'Analysis' ? 'task-analysis' : 'task-file'),
    messages: [{ role: 'user', content: userText(assignment, dependencies) }],
    maxTokens: chain.maxTokens,
    purpose: {
      kind: 'task',
      task,
      directive,
      planSummary,
      dependencies: dependencies.map(({ id, title, path }) => ({ id, title, path })),
    },
  };
}

/** The same request with the answer that was refused, and why. An answer that was cut off is not shown again: it would fill the prompt. */
export function askAgain(
  request: CompletionRequest,
  answer: string,
  reason: string,
  cutOff: boolean,
): CompletionRequest {
  const [question, ...rest] = request.messages;
  if (question === undefined) return request;
  if (cutOff || answer.trim() === '') {
    const note = `\n\nAn earlier answer was not accepted: ${reason}. Answer again, whole.`;
    return { ...request, messages: [{ ...question, content: question.content + note }, ...rest] };
  }
  const again: Message[] = [
    { role: 'assistant', content: answer },
    {
      role: 'user',
      content: `That was not accepted: ${reason}. Answer again with the whole content, and nothing else.`,
    },
  ];
  return { ...request, messages: [...request.messages, ...again] };
}

function userText({ task, directive, planSummary, context }: TaskAssignment, dependencies: DependencyText[]): string {
  const sections = [`# Goal\n\n${directive}`];
  if (planSummary !== '') sections.push(`# Plan\n\n${planSummary}`);
  if (context.length > 0) {
    const each = Math.floor(CONTEXT_CHARACTERS / context.length);
    sections.push(`# Context\n\n${context.map(({ name, text }) => block('context', name, text, each)).join('\n\n')}`);
  }
  if (dependencies.length > 0) sections.push(`# What earlier tasks left\n\n${dependencyText(dependencies)}`);
  sections.push(`# Your task: ${task.title}\n\n${task.instruction}`);
  sections.push(`The result is stored as \`${artifactPath(task)}\`.${acceptanceText(task.acceptance)}`);
  return sections.join('\n\n');
}

function dependencyText(dependencies: DependencyText[]): string {
  const share = Math.floor(ALL_DEPENDENCIES_CHARACTERS / dependencies.length);
  const each = Math.min(DEPENDENCY_CHARACTERS, Math.max(share, 500));
  return dependencies
    .map(({ title, path, text, note }) => block('file', path, text ?? `(not available: ${note})`, each, title))
    .join('\n\n');
}

function block(tag: string, name: string, text: string, limit: number, title?: string): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}\n… (${text.length - limit} more characters)` : text;
  // A file cannot end its own block early and speak outside of it.
  const safe = shown.replaceAll(`</${tag}>`, `< /${tag}>`);
  const about = title === undefined ? '' : ` title=${JSON.stringify(title)}`;
  return `<${tag} name=${JSON.stringify(name)}${about}>\n${safe.trimEnd()}\n</${tag}>`;
}

function acceptanceText({ type, value }: TaskAssignment['task']['acceptance']): string {
  if (type === 'ValidJSON') return ' It must be valid JSON.';
  if (type === 'Contains' && value !== undefined) return ` It must contain this text, literally: ${value}`;
  return '';
}
