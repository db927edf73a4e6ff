import type { Objective, Plan, PlanTask } from '@dark-carnival/crds';
import { consumedWords, forecastWords, safeLine, safeText } from '@dark-carnival/crds/text';
import { roundCosts } from '../objective/cost-lines.ts';
import type { Paint, Terminal } from '../terminal/terminal.ts';
import { wrapText } from '../terminal/wrap-text.ts';
import { debateLines } from './dissent-view.ts';
import type { PlanDocument } from './plan-document.ts';

/** The whole plan for a person who has to decide about it. Everything in it was written by a model. */
export function planView(
  { plan, hash }: PlanDocument,
  objective: Objective,
  { paint, columns }: Pick<Terminal, 'paint' | 'columns'>,
): string {
  const { status } = objective;
  const request = status?.approvalRequest;
  return [
    paint.bold(`Plan ${plan.number} of ${plan.objective.name}: ${safeLine(plan.summary, 512)}`),
    '',
    ...plan.tasks.flatMap((task) => taskLines(task, paint, Math.min(columns, MAX_WIDTH))),
    ...forecast(plan, objective, paint),
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

/** What the tasks may take beside what the debate took and what is left. */
function forecast(plan: Plan, { spec, status }: Objective, paint: Paint): string[] {
  const words = forecastWords(plan.forecast, spec?.budget, status?.usage);
  const { usage } = status ?? {};
  const used = usage && [consumedWords({ ...usage, tokens: usage.totalTokens }), ...roundCosts(status ?? {})];
  return [
    ...field('forecast', safeLine(words.forecast, 1200)),
    ...(words.left === undefined ? [] : field('left', words.left)),
    ...(words.warning === undefined ? [] : field('', paint.yellow(safeLine(words.warning, 1200)))),
    ...(used ? used.flatMap((line, index) => field(index === 0 ? 'so far' : '', line)) : []),
  ];
}

function execution({ execution: { providers, model, parallelism, taskTimeoutSeconds, retries } }: Plan): string {
  const who = `${providers.join(', then ')}${model === undefined ? '' : ` (${safeLine(model, 128)})`}`;
  return `${who}; ${parallelism} at once, ${taskTimeoutSeconds} s each, ${retries} ${retries === 1 ? 'retry' : 'retries'}`;
}
