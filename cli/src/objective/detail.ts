import type { Decision, Objective, TurnStatus } from '@dark-carnival/crds';
import { answeredFor, approximately, consumedWords, safeLine, safeText } from '@dark-carnival/crds/text';
import { taskLines } from '../run/task-lines.ts';
import { ageOf, count } from '../terminal/age.ts';
import type { Paint } from '../terminal/terminal.ts';
import { reasonOf } from './standing.ts';

/** Everything about one Objective that fits on a screen. */
export function detailText(
  objective: Objective,
  place: { position: number; of: number } | undefined,
  nowMs: number,
  paint: Paint,
): string {
  const { metadata, spec, status } = objective;
  const lines = [
    `${paint.bold(metadata.name)}  ${paint.bold(status?.phase ?? 'Pending')}${spec?.desiredState === 'Paused' ? ' (paused)' : ''}`,
    ...field('goal', safeText(spec?.directive ?? '').trim()),
    ...field('age', ageOf(metadata.creationTimestamp, nowMs)),
    ...field('wagon', status?.wagonName),
    ...field(
      'queue',
      place && `${status?.queue?.reason}; ${place.position} of ${place.of}, since ${status?.queue?.since}`,
    ),
    ...field('reason', reasonOf(objective)),
    ...field('usage', usage(objective)),
    ...field('plan', plan(objective)),
  ];
  const turns = status?.debate?.turns ?? [];
  if (turns.length > 0) lines.push('', paint.bold('debate'), ...turns.map((turn) => turnLine(turn, paint)));
  const decisions = status?.decisions ?? [];
  if (decisions.length > 0)
    lines.push('', paint.bold('decisions'), ...decisions.map((one) => decisionLine(one, nowMs)));
  const tasks = status?.tasks ?? [];
  if (tasks.length > 0) {
    const open = tasks
      .filter(({ state }) => state === 'Pending')
      .map(({ id, title }) => `  ${id.padEnd(3)} ${safeLine(title, 100)} pending`);
    lines.push('', paint.bold('tasks'), ...taskLines([], tasks, paint), ...open);
  }
  return lines.join('\n');
}

function field(name: string, value: string | undefined): string[] {
  if (value === undefined || value === '') return [];
  const [first = '', ...rest] = value.split('\n');
  return [`  ${name.padEnd(8)} ${first}`, ...rest.map((line) => `           ${line}`.trimEnd())];
}

function usage({ status }: Objective): string | undefined {
  if (!status?.usage) return undefined;
  const { inputTokens, outputTokens, totalTokens, estimatedTokens = 0, costUSD, calls, unsettled } = status.usage;
  const cost = costUSD === undefined ? '' : `, ${costUSD} USD`;
  const open = unsettled > 0 ? `, ${count(unsettled)} unsettled` : '';
  const guessed = estimatedTokens > 0 ? `, ${count(estimatedTokens)} estimated: no provider counted them` : '';
  const total = approximately({ tokens: totalTokens, estimatedTokens });
  return `${total} tokens (${count(inputTokens)} in, ${count(outputTokens)} out${guessed}) in ${calls} calls${cost}${open}`;
}

function plan({ status }: Objective): string | undefined {
  return status?.plan && `${safeLine(status.plan.summary, 300)} (${status.plan.taskCount} tasks, ${status.plan.hash})`;
}

function turnLine(turn: TurnStatus, paint: Paint): string {
  const { round, seat, provider, model, excerpt } = turn;
  const words = answeredFor(turn);
  const instead = words === undefined ? '' : `\n      ${paint.yellow(safeLine(words, 200))}`;
  const who = [provider, model].filter((part) => part !== undefined).join(', ');
  return `  ${round} ${seat.padEnd(9)} ${paint.dim(`${safeLine(who, 80)}, ${consumedWords(turn)}`)}${instead}\n      ${safeLine(excerpt, 160)}`;
}

function decisionLine({ decision, decidedBy, at, planHash }: Decision, nowMs: number): string {
  return `  ${decision} by ${safeLine(decidedBy, 80)}, ${ageOf(at, nowMs)} ago, about ${planHash.slice(0, 19)}…`;
}
