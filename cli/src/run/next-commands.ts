import type { Objective } from '@dark-carnival/crds';
import { MAX_RETRY } from '../objective/retrying.ts';
import type { Session } from '../session/session.ts';
import { shellCommand } from '../terminal/shell.ts';

/** `carnival …` as it has to be typed to reach the same cluster and namespace. */
export function carnival(session: Session, ...words: readonly string[]): string {
  const { kubeconfig, context, hub } = session.options;
  return shellCommand(
    'npx',
    'carnival',
    ...words,
    ...(session.namespace === session.config.namespace ? [] : ['-n', session.namespace]),
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
    ...(hub === undefined ? [] : ['--hub', hub]),
  );
}

/** Lines `title  command`. */
export function commandLines(rows: readonly (readonly [title: string, command: string])[]): string {
  const width = Math.max(...rows.map(([title]) => title.length));
  return rows.map(([title, command]) => `  ${title.padEnd(width)}   ${command}`).join('\n');
}

/** How to answer the open request, without a terminal to be asked at. The hash keeps the answer to what was shown. */
export function decisionCommands(session: Session, { metadata: { name }, status }: Objective): string {
  const hash = status?.approvalRequest?.planHash ?? '';
  const left = status?.approvalRequest?.feedbackLeft ?? 0;
  return commandLines([
    ['approve', carnival(session, 'approve', name, '--plan-hash', hash)],
    ...(left > 0 ? [['feedback', carnival(session, 'feedback', name, 'what the plan misses')] as const] : []),
    ['abort', carnival(session, 'abort', name)],
  ]);
}

/** How to go on with one that failed: its failed tasks, or its debate, run again; or all of it as a new one. */
export function retryLine(session: Session, { metadata: { name }, spec }: Objective): string {
  const mayRetry = (spec?.retry ?? 0) < MAX_RETRY && spec?.desiredState !== 'Aborted';
  return carnival(session, mayRetry ? 'retry' : 'rerun', name);
}
