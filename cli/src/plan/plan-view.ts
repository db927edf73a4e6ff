import type { Objective, Plan, PlanTask } from '@dark-carnival/crds';
import { safeLine, safeText } from '@dark-carnival/crds/text';
import { count } from '../terminal/age.ts';
import type { Paint, Terminal } from '../terminal/terminal.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import { debateLines } from './dissent-view.ts';
import type { PlanDocument } from './plan-document.ts';

/** The whole plan for a person who has to decide about it. Everything in it was written by a model. */
export function planView(
  { plan, hash }: PlanDocument,
  { status }: Objective,
  { paint, columns }: Pick<Terminal, 'paint' | 'columns'>,
): string {
  const request = status?.approvalRequest;
  return [
    paint.bold(`Plan ${plan.number} of ${plan.objective.name}: ${safeLine(plan.summary, 512)}`),
    '',
    ...plan.tasks.flatMap((task) => taskLines(task, paint, Math.min(columns, MAX_WIDTH))),
    ...field('forecast', forecast(plan)),
    ...field('runs with', execution(plan)),
    ...debateLines(plan, status, { paint, width: Math.min(columns, MAX_WIDTH) }),
    ...(request ? field('feedback', `${request.feedbackLeft} rounds left`) : []),
    ...(request?.expiresAt ? field('expires', request.expiresAt) : []),
    ...field('hash', `${hash} (checked: these are its bytes)`),
  ].join('\n');
}

/** Longer lines are hard to read, however wide the terminal is. */
const MAX_WIDTH = 110;
const INDENT = ' '.repeat(6);

const field = (name: string, value: string) => [`  ${name.padEnd(10)} ${value}`];

function taskLines(task: PlanTask, paint: Paint, width: number): string[] {
  const { id, title, kind, path, risk, role, dependsOn, acceptance, instruction } = task;
  const facts = [
    kind,
    ...(path === undefined ? [] : [`leaves ${path}`]),
    ...(dependsOn.length === 0 ? [] : [`after ${dependsOn.join(', ')}`]),
    ...(role === undefined ? [] : [`for ${safeLine(role, 63)}`]),
    risk === 'Low' ? 'risk Low' : paint.red(`risk ${risk}`),
    acceptanceOf(acceptance),
  ];
  const text = wrapText(safeText(instruction).trim(), width - INDENT.length).map((line) =>
    `${INDENT}${line}`.trimEnd(),
  );
  return [
    `  ${paint.cyan(id.padEnd(3))} ${paint.bold(safeLine(title, 120))}`,
    paint.dim(`      ${facts.join(' · ')}`),
    ...text,
    '',
  ];
}

function acceptanceOf({ type, value }: PlanTask['acceptance']): string {
  if (type === 'Contains') return `accepted when it contains "${safeLine(value ?? '', 80)}"`;
  return type === 'ValidJSON' ? 'accepted when it is valid JSON' : 'accepted when it is not empty';
}

function forecast({ forecast: { tokens, costUSD } }: Plan): string {
  return `at most ${count(tokens)} tokens${costUSD === undefined ? '' : `, ${costUSD} USD`}`;
}

function execution({ execution: { providers, model, parallelism, taskTimeoutSeconds, retries } }: Plan): string {
  const who = `${providers.join(', then ')}${model === undefined ? '' : ` (${safeLine(model, 128)})`}`;
  return `${who}; ${parallelism} at once, ${taskTimeoutSeconds} s each, ${retries} ${retries === 1 ? 'retry' : 'retries'}`;
}
