import type { PlanTask } from '@dark-carnival/crds';
import { clip } from '@dark-carnival/crds/text';
import type { TaskPurpose } from '../provider.ts';
import { deliverablesFor } from './deliverables.ts';
import { type Goal, goalOf } from './goal.ts';
import { loadTemplate, renderTemplate, type TemplateValues } from './template.ts';

/** Writes what a task leaves: a file that a person would keep as a start, with the mark of the Rehearsal where its type has room for it. */
export function taskFile(purpose: TaskPurpose): string {
  const { task, directive } = purpose;
  const goal = goalOf(directive);
  const extension = extensionOf(task);
  const text = PLAIN[extension]?.(purpose, goal) ?? fromTemplate(purpose, goal, extension);
  return withPromised(text, task, extension);
}

/** The extension decides the kind of file; an analysis is Markdown. */
const extensionOf = ({ path = 'analysis.md' }: PlanTask): string =>
  /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? 'txt';

function fromTemplate(purpose: TaskPurpose, goal: Goal, extension: string): string {
  const name = templateFor(purpose.task, goal, extension);
  return renderTemplate(loadTemplate(name), valuesFor(purpose, goal));
}

/** Roles whose template has another name, by kind of goal. */
const TEMPLATE_OF_ROLE: Record<string, string> = { 'brief:brief': 'research-brief', 'plan:brief': 'plan-brief' };

/** The template of a task that the Rehearsal planned itself, else the one that fits the file's type. */
function templateFor(task: PlanTask, goal: Goal, extension: string): string {
  const planned = deliverablesFor(goal).find((item) =>
    item.path === undefined ? item.title === task.title : item.path === task.path,
  );
  if (planned) return TEMPLATE_OF_ROLE[`${goal.kind}:${planned.role}`] ?? planned.role;
  if (task.title.startsWith('Answer the feedback')) return 'answer';
  if (SCRIPTS.has(extension))
    return /\b(test|spec)\b/.test(task.path ?? '') ? 'todo-test' : goal.kind === 'cleanup' ? 'clean' : goal.shape;
  return TEMPLATE_OF_EXTENSION[extension] ?? 'document';
}

const SCRIPTS = new Set(['mjs', 'js', 'ts', 'mts']);
const TEMPLATE_OF_EXTENSION: Record<string, string> = { py: 'module-python', csv: 'table', html: 'page', htm: 'page' };

function valuesFor({ task, dependencies }: TaskPurpose, goal: Goal): TemplateValues {
  const path = task.path ?? '';
  const source = dependencies.find((dependency) => /\.(mjs|js|py)$/.test(dependency.path))?.path;
  const planned = deliverablesFor(goal).find((item) => /^src\//.test(item.path ?? ''))?.path ?? `src/${goal.slug}.mjs`;
  const modulePath = source ?? planned;
  const audience = goal.setting === '' ? 'whoever needs it' : goal.setting;
  return {
    directive: goal.directive,
    topic: goal.named,
    title: goal.title,
    wants: goal.wants,
    options: goal.options,
    audience,
    taskTitle: task.title,
    instruction: clip(task.instruction, 1000),
    path,
    modulePath,
    module: relativePath(path, modulePath),
    q1: `What does ${goal.named} mean for ${audience}?`,
    q2: `What is agreed about ${goal.named}, and what is disputed?`,
    q3: `Does it hold here?`,
    settled: `the open questions about ${goal.named} are answered`,
    briefed: `there is one page about ${goal.named} that everybody has read`,
    shown: `a first version of ${goal.named}, shown to ${audience}`,
    used: `${goal.named} in use by ${audience}`,
  };
}

/** The way from one file of the vault to another, as an import or a path. */
function relativePath(from: string, to: string): string {
  const up = '../'.repeat(from.split('/').length - 1);
  return `${up === '' ? './' : up}${to}`;
}

/** Types of files that are written without a template: their mark is all that differs. */
const PLAIN: Record<string, (purpose: TaskPurpose, goal: Goal) => string> = {
  json: ({ task }, goal) =>
    `${JSON.stringify(
      {
        rehearsal: 'REHEARSAL: no language model wrote this file',
        title: task.title,
        goal: goal.directive,
        wants: goal.wants,
        items: [{ name: goal.topic, state: 'to do', owner: null }],
      },
      null,
      2,
    )}\n`,
  txt: (purpose, goal) => commented('', purpose, goal),
  sh: (purpose, goal) => `#!/bin/sh\n${commented('# ', purpose, goal)}set -eu\n`,
  ...Object.fromEntries(
    ['yaml', 'yml', 'toml', 'ini', 'conf', 'env', 'rb', 'r'].map((extension) => [
      extension,
      (purpose: TaskPurpose, goal: Goal) => commented('# ', purpose, goal),
    ]),
  ),
  ...Object.fromEntries(
    ['c', 'cpp', 'h', 'go', 'rs', 'java', 'kt', 'swift', 'cs', 'scss'].map((extension) => [
      extension,
      (purpose: TaskPurpose, goal: Goal) => commented('// ', purpose, goal),
    ]),
  ),
  css: (purpose, goal) => `/*\n${commented(' * ', purpose, goal)} */\n`,
  sql: (purpose, goal) => commented('-- ', purpose, goal),
};

function commented(mark: string, { task }: TaskPurpose, goal: Goal): string {
  const flat = (text: string) => clip(text.replace(/\s+/g, ' ').replaceAll('*/', '* /'), 1000);
  const lines = [
    'REHEARSAL: no language model wrote this file.',
    task.title,
    `Goal: ${goal.directive}`,
    `To be done: ${task.instruction}`,
    ...goal.wants.map((want) => `It must cover: ${want}`),
  ];
  return `${lines.map((line) => `${mark}${flat(line)}`.trimEnd()).join('\n')}\n`;
}

/** Keeps the promise of an acceptance check that the template does not: a plan of somebody else may ask for any words. */
function withPromised(text: string, { acceptance }: PlanTask, extension: string): string {
  const { type, value } = acceptance;
  if (type !== 'Contains' || value === undefined || text.includes(value)) return text;
  if (extension === 'json') return `${JSON.stringify({ ...JSON.parse(text), promised: value }, null, 2)}\n`;
  if (extension === 'md') return `${text}\n## ${value}\n\n▢ to be written\n`;
  if (/\n/.test(value)) return `${text}\n${value}\n`;
  const mark = COMMENT_MARKS.find(([extensions]) => extensions.includes(extension))?.[1] ?? '';
  return `${text}${mark}${value}\n`;
}

const COMMENT_MARKS: readonly [string[], string][] = [
  [['mjs', 'js', 'ts', 'mts', 'c', 'cpp', 'h', 'go', 'rs', 'java', 'kt', 'swift', 'cs'], '// '],
  [['py', 'sh', 'yaml', 'yml', 'toml', 'rb', 'r'], '# '],
  [['sql'], '-- '],
];
