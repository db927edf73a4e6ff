import type { Objective, TaskStatus } from '@dark-carnival/crds';
import { answeredFor, consumedWords, safeLine } from '@dark-carnival/crds/text';
import { byteSize } from '../terminal/age.ts';
import type { Paint } from '../terminal/terminal.ts';

/** Lines for the tasks whose state has changed. */
export function taskLines(before: readonly TaskStatus[], after: readonly TaskStatus[], paint: Paint): string[] {
  const known = new Map(before.map(({ id, state }) => [id, state]));
  return after
    .filter(({ id, state }) => state !== 'Pending' && known.get(id) !== state)
    .map((task) => line(task, paint));
}

function line(task: TaskStatus, paint: Paint): string {
  const { id, title, state, wagonName, message } = task;
  const name = `  ${paint.cyan(id.padEnd(3))} ${safeLine(title, 100)}`;
  const why = message === undefined ? '' : `: ${safeLine(message, 160)}`;
  switch (state) {
    case 'Running':
      return `${name} ${paint.dim(`runs on ${wagonName ?? '?'}`)}`;
    case 'Succeeded':
      return `${name} ${paint.green('done')}${artifactOf(task)}${usedBy(task, paint)}${insteadOf(task, paint)}`;
    case 'Failed':
      return `${name} ${paint.red('failed')}${why}`;
    default:
      return `${name} ${state.toLowerCase()}${why}`;
  }
}

function usedBy(task: TaskStatus, paint: Paint): string {
  return task.tokens === undefined ? '' : `  ${paint.dim(consumedWords({ ...task, tokens: task.tokens }))}`;
}

function insteadOf(task: TaskStatus, paint: Paint): string {
  const words = answeredFor(task);
  return words === undefined ? '' : `  ${paint.yellow(safeLine(words, 200))}`;
}

function artifactOf({ artifact }: TaskStatus): string {
  return artifact === undefined
    ? ''
    : `  ${artifact.wagonName}/${safeLine(artifact.file, 255)} (${byteSize(artifact.bytes)})`;
}

/** The files that an Objective left, as `vault cat` takes them. */
export function filesOf({ status }: Objective): { node: string; file: string }[] {
  return (status?.tasks ?? []).flatMap(({ artifact }) =>
    artifact === undefined ? [] : [{ node: artifact.wagonName, file: safeLine(artifact.file, 255) }],
  );
}
