import type { Objective, TaskStatus, Wagon } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';

/** What a person at the terminal of `carnival up` is told of a change. Pure: one line per event that matters, none for the rest. */

const ENDED = new Set(['Completed', 'Failed', 'Aborted', 'Expired']);
const TASK_DONE = new Set(['Succeeded', 'Failed']);

/** `-n` for commands, where it is needed. */
const inNamespace = ({ metadata: { namespace } }: Objective | Wagon) =>
  namespace === undefined || namespace === 'default' ? '' : ` -n ${namespace}`;

/**
 * Lines for one change of an Objective.
 * @param before undefined: it is new to us. One that has ended before we looked is not news.
 */
export function objectiveLines(before: Objective | undefined, after: Objective): string[] {
  const phase = after.status?.phase;
  if (!before && phase !== undefined && ENDED.has(phase)) return [];
  const lines = taskLines(before?.status?.tasks ?? [], after.status?.tasks ?? []);
  const request = after.status?.approvalRequest;
  const asked = request !== undefined && request.id !== before?.status?.approvalRequest?.id;
  const moved = !before || phase !== before.status?.phase || waitsAnew(before, after) || roundBegan(before, after);
  if (asked) lines.push(`${phase}: ${planLine(after)}`);
  else if (moved) lines.push(...phaseLines(before, after));
  return lines.map((line) => `${after.metadata.name}  ${line}`);
}

function waitsAnew(before: Objective, after: Objective): boolean {
  return after.status?.queue?.reason !== undefined && after.status.queue.reason !== before.status?.queue?.reason;
}

function roundBegan(before: Objective, after: Objective): boolean {
  return after.status?.phase === 'Debating' && after.status.debate?.round !== before.status?.debate?.round;
}

function planLine(objective: Objective): string {
  const { metadata, status } = objective;
  const where = inNamespace(objective);
  const summary = safeLine(status?.plan?.summary ?? '', 120);
  const tasks = status?.plan?.taskCount ?? 0;
  return `plan of ${tasks} ${tasks === 1 ? 'task' : 'tasks'} waits for you: ${summary}
    read it     npx carnival plan ${metadata.name}${where}
    approve it  npx carnival approve ${metadata.name}${where}`;
}

function phaseLines(before: Objective | undefined, after: Objective): string[] {
  const { metadata, spec, status = {} } = after;
  switch (status.phase) {
    case undefined:
    case 'Pending':
      return [
        status.queue
          ? `waits: ${readyMessage(after) ?? status.queue.reason}`
          : `new: ${safeLine(spec?.directive ?? '', 100)}`,
      ];
    case 'Debating':
      return [`Debating on ${status.wagonName ?? '?'}, round ${status.debate?.round ?? 1}`];
    case 'Executing':
      return before ? [`Executing ${decidedBy(after)}`.trimEnd()] : [`Executing ${status.taskSummary ?? ''}`];
    case 'Completed':
      return [
        `Completed, ${status.taskSummary ?? '0/0'} tasks, ${tokens(after)}; files: npx carnival vault ls${inNamespace(after)}`,
      ];
    case 'Failed':
    case 'Expired':
      return [`${status.phase}: ${reason(after)} (npx carnival status ${metadata.name}${inNamespace(after)})`];
    default:
      return [status.phase];
  }
}

function decidedBy({ status }: Objective): string {
  const last = status?.decisions?.at(-1);
  return last ? `(approved by ${safeLine(last.decidedBy, 60)})` : '';
}

function tokens({ status }: Objective): string {
  const cost = status?.usage?.costUSD;
  return `${(status?.usage?.totalTokens ?? 0).toLocaleString('en')} tokens${cost ? `, ${cost} USD` : ''}`;
}

function reason({ status }: Objective): string {
  const conditions = status?.conditions ?? [];
  const failed = conditions.find(({ type, status: is }) => type === 'Failed' && is === 'True');
  const told = failed ?? conditions.find(({ type }) => type === 'Ready');
  return told ? safeLine(`${told.reason}: ${told.message}`, 160) : 'no reason given';
}

function readyMessage({ status }: Objective): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready ? safeLine(`${ready.reason}: ${ready.message}`, 160) : undefined;
}

function taskLines(before: readonly TaskStatus[], after: readonly TaskStatus[]): string[] {
  const known = new Map(before.map((task) => [task.id, task.state]));
  return after
    .filter((task) => TASK_DONE.has(task.state) && known.get(task.id) !== task.state)
    .map((task) =>
      task.state === 'Succeeded'
        ? `${task.id} done: ${safeLine(task.title, 80)}${artifact(task)}`
        : `${task.id} failed: ${safeLine(task.message ?? task.title, 120)}`,
    );
}

function artifact({ artifact: left }: TaskStatus): string {
  return left ? `  ${left.wagonName}/${safeLine(left.file, 200)} (${left.bytes.toLocaleString('en')} bytes)` : '';
}

/** Lines for one change of a Wagon. */
export function wagonLines(before: Wagon | undefined, after: Wagon): string[] {
  const phase = after.status?.phase;
  if (phase === undefined || phase === before?.status?.phase || phase === 'Provisioning') return [];
  const condition = after.status?.conditions?.find(({ type }) => type === 'Ready');
  const why = phase !== 'Ready' && condition ? `: ${safeLine(condition.message, 120)}` : '';
  return [`wagon ${after.metadata.name} is ${phase}${why}`];
}
