import type { Objective, Plan, PlanTask } from '@dark-carnival/crds';
import { count } from '../terminal/age.ts';
import type { Paint } from '../terminal/terminal.ts';
import { safeLine, safeText } from '../terminal/untrusted-text.ts';
import type { PlanDocument } from './plan-document.ts';

/** The whole plan for a person who has to decide about it. Everything in it was written by a model. */
export function planView({ plan, hash }: PlanDocument, { status }: Objective, paint: Paint): string {
  const request = status?.approvalRequest;
  return [
    paint.bold(`Plan ${plan.number} of ${plan.objective.name}: ${safeLine(plan.summary, 512)}`),
    '',
    ...plan.tasks.flatMap((task) => taskLines(task, paint)),
    ...field('forecast', forecast(plan)),
    ...field('runs with', execution(plan)),
    ...(request?.dissent ?? []).flatMap((objection, index) =>
      field(index === 0 ? 'dissent' : '', paint.yellow(safeLine(objection, 256))),
    ),
    ...(request ? field('feedback', `${request.feedbackLeft} rounds left`) : []),
    ...(request?.expiresAt ? field('expires', request.expiresAt) : []),
    ...field('hash', `${hash} (checked: these are its bytes)`),
  ].join('\n');
}

const field = (name: string, value: string) => [`  ${name.padEnd(10)} ${value}`];

function taskLines(task: PlanTask, paint: Paint): string[] {
  const { id, title, kind, path, risk, role, dependsOn, acceptance, instruction } = task;
  const facts = [
    kind,
    ...(path === undefined ? [] : [`leaves ${path}`]),
    ...(dependsOn.length === 0 ? [] : [`after ${dependsOn.join(', ')}`]),
    ...(role === undefined ? [] : [`for ${safeLine(role, 63)}`]),
    risk === 'Low' ? 'risk Low' : paint.red(`risk ${risk}`),
    acceptanceOf(acceptance),
  ];
  const text = safeText(instruction)
    .trim()
    .split('\n')
    .map((line) => `      ${line}`.trimEnd());
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
