import type { Objective } from '@dark-carnival/crds';
import { FIELD_MANAGERS } from '@dark-carnival/crds';

/** A command that a person can copy, and what it does. */
export interface NextCommand {
  title: string;
  command: string;
}

/** Quotes a word for a POSIX shell, unless it needs no quotes. */
const quoted = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** `decidedBy` is what `kubectl auth whoami` says: the admission of a cluster compares them. */
function decide(objective: Objective, user: string, decision: 'Approve' | 'Feedback' | 'Abort'): string {
  const request = objective.status?.approvalRequest;
  const value = {
    requestID: request?.id,
    planHash: request?.planHash,
    decision,
    decidedBy: user,
    ...(decision === 'Feedback' ? { feedback: 'What the plan misses' } : {}),
  };
  const patch = JSON.stringify([{ op: 'add', path: '/spec/intervention', value }]);
  return `kubectl patch objective ${named(objective)} --type json --field-manager=${FIELD_MANAGERS.approval} -p ${quoted(patch)}`;
}

const named = ({ metadata: { name, namespace = 'default' } }: Objective): string =>
  namespace === 'default' ? name : `${name} -n ${namespace}`;

const control = (objective: Objective, spec: Record<string, unknown>): string =>
  `kubectl patch objective ${named(objective)} --type merge --field-manager=${FIELD_MANAGERS.control} -p ${quoted(JSON.stringify({ spec }))}`;

function gateCommands(objective: Objective, user: string): NextCommand[] {
  const name = named(objective);
  const feedback = (objective.status?.approvalRequest?.feedbackLeft ?? 0) > 0;
  return [
    { title: 'Read the whole plan, with its hash and forecast', command: `npx carnival plan ${name}` },
    { title: 'Approve exactly this plan', command: `npx carnival approve ${name}` },
    ...(feedback
      ? [{ title: 'Send it back for another round', command: `npx carnival feedback ${name} "What the plan misses"` }]
      : []),
    { title: 'Abort', command: `npx carnival abort ${name}` },
    { title: 'Approve exactly this plan, with kubectl', command: decide(objective, user, 'Approve') },
    ...(feedback ? [{ title: 'Send it back, with kubectl', command: decide(objective, user, 'Feedback') }] : []),
  ];
}

function runningCommands(objective: Objective): NextCommand[] {
  const name = named(objective);
  const paused = objective.spec?.desiredState === 'Paused';
  return [
    { title: 'Follow it', command: `kubectl get objective ${name} -w` },
    paused
      ? { title: 'Go on', command: control(objective, { desiredState: 'Running' }) }
      : { title: 'Pause; calls in flight finish', command: control(objective, { desiredState: 'Paused' }) },
    { title: 'Abort, for ever', command: `npx carnival abort ${name}` },
  ];
}

function fileCommands({ metadata, status }: Objective): NextCommand[] {
  const [first] = (status?.tasks ?? []).flatMap(({ artifact }) => (artifact ? [artifact] : []));
  const namespace =
    metadata.namespace === undefined || metadata.namespace === 'default' ? '' : ` -n ${metadata.namespace}`;
  return [
    { title: 'List the files', command: `npx carnival vault ls${namespace}` },
    ...(first
      ? [
          {
            title: 'Read one',
            command: `npx carnival vault cat ${quoted(`${first.wagonName}/${first.file}`)}${namespace}`,
          },
        ]
      : []),
  ];
}

function failedCommands(objective: Objective): NextCommand[] {
  const retry = objective.spec?.retry ?? 0;
  return [
    { title: 'See what happened', command: `kubectl describe objective ${named(objective)}` },
    ...(retry < 5 ? [{ title: 'Try again', command: control(objective, { retry: retry + 1 }) }] : []),
  ];
}

/** What a person can do about an Objective now, the likeliest first. */
export function nextCommands(objective: Objective, user: string): NextCommand[] {
  const transcript = { title: 'Read the whole debate', command: `npx carnival transcript ${named(objective)}` };
  switch (objective.status?.phase) {
    case 'AwaitingHuman':
      return [...gateCommands(objective, user), transcript];
    case 'Completed':
      return [...fileCommands(objective), transcript];
    case 'Failed':
    case 'Expired':
      return [...failedCommands(objective), transcript];
    case 'Aborted':
      return [...fileCommands(objective), transcript];
    default:
      return runningCommands(objective);
  }
}
