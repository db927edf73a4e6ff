import {
  type DebateStopReason,
  type Dissent,
  type ObjectiveStatus,
  type Plan,
  REHEARSAL_NAME,
} from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import type { Paint } from '../terminal/terminal.ts';
import { wrapText } from '../terminal/wrap-text.ts';

interface Look {
  paint: Paint;
  /** Columns. */
  width: number;
}

const STOPS: Record<DebateStopReason, string> = {
  Consensus: 'the critic accepts, and nothing that it says is a Blocker',
  Repetition: 'the last round brought the same plan again',
  Stall: 'the last round brought nearly the same plan again',
  RoundsDone: 'as many rounds as asked for are done',
  BudgetShort: 'what is left of the budget would not pay for another round',
};

const INDENT = ' '.repeat(13);

/**
 * How the debate ended, and what the critic holds against the plan with the answers of the tactician: as the plan itself has it, whose hash was
 * checked. A plan of an older version has only the lines of the request.
 */
export function debateLines(plan: Plan, status: ObjectiveStatus | undefined, look: Look): string[] {
  const { debate, approvalRequest } = status ?? {};
  const stop = debate?.stopReason;
  const objections = plan.dissent?.map((objection) => objectionLines(objection, look)) ??
    approvalRequest?.dissent?.map((line) => [look.paint.yellow(safeLine(line, 256))]) ?? [['none recorded']];
  return [
    ...(debate && stop
      ? named('debate', [`${isStop(stop) ? STOPS[stop] : safeLine(stop, 64)} (round ${debate.round})`])
      : []),
    ...modelHint(status, look),
    ...objections.flatMap((lines, index) => named(index === 0 ? 'dissent' : '', lines)),
  ];
}

/** That one model sat in all seats. A rehearsal is told elsewhere, and louder. */
function modelHint(status: ObjectiveStatus | undefined, { paint, width }: Look): string[] {
  const hint = status?.conditions?.find(({ type }) => type === 'DistinctModels');
  const isRehearsal = status?.debate?.turns?.some(({ provider }) => provider === REHEARSAL_NAME);
  if (hint?.status !== 'False' || isRehearsal) return [];
  return named('models', wrapText(safeLine(hint.message, 400), width - INDENT.length).map(paint.yellow));
}

const isStop = (reason: string): reason is DebateStopReason => Object.hasOwn(STOPS, reason);

/** The first line under its name, the rest below it. */
const named = (name: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => (index === 0 ? `  ${name.padEnd(10)} ${line}` : `${INDENT}${line}`));

function objectionLines({ severity, claim, evidence, response, reason }: Dissent, { paint, width }: Look): string[] {
  const wrapped = (text: string) => wrapText(safeLine(text, 300), Math.max(20, width - INDENT.length));
  const loud = severity === 'Blocker' ? paint.red : paint.yellow;
  const answer = reason === undefined ? response : `${response}: ${reason}`;
  return [
    ...wrapped(`[${severity}] ${claim}`).map(loud),
    ...(evidence === undefined ? [] : wrapped(`seen in: ${evidence}`).map(paint.dim)),
    ...wrapped(answer).map((line) => (response === 'Unanswered' ? paint.red(line) : line)),
  ];
}
