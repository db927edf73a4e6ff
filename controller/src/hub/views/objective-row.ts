import { type Objective, type ObjectivePhase, REHEARSAL_NAME, type Seat } from '@dark-carnival/crds';

/** One Objective as lists show it. Its whole text is asked for when somebody looks at it. */
export interface ObjectiveRow {
  namespace: string;
  name: string;
  uid: string;
  createdAt: string;
  /** The beginning of the directive. */
  directive: string;
  phase: ObjectivePhase;
  desiredState: 'Running' | 'Paused' | 'Aborted';
  wagon?: string;
  round?: number;
  activeSeat?: Seat;
  /** Tasks done of all, such as 3/5. */
  tasks?: string;
  tokens?: number;
  costUSD?: string;
  /** Why it is where it is, from the condition Ready. */
  reason?: string;
  message?: string;
  /** A seat of it was played by the Rehearsal: nothing in it comes from a model. */
  rehearsal: boolean;
  requestedAt?: string;
}
const DIRECTIVE_CODE_POINTS = 240;

export function objectiveRow({ metadata, spec, status }: Objective): ObjectiveRow {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const turns = status?.debate?.turns ?? [];
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    createdAt: metadata.creationTimestamp ?? '',
    directive: beginning(spec?.directive ?? ''),
    phase: status?.phase ?? 'Pending',
    desiredState: spec?.desiredState ?? 'Running',
    ...defined({
      wagon: status?.wagonName,
      round: status?.debate?.round,
      activeSeat: status?.debate?.activeSeat,
      tasks: status?.taskSummary,
      tokens: status?.usage?.totalTokens,
      costUSD: status?.usage?.costUSD,
      reason: ready?.reason,
      message: ready?.message,
      requestedAt: status?.approvalRequest?.requestedAt,
    }),
    rehearsal: turns.some(({ provider }) => provider === REHEARSAL_NAME),
  };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function defined<T extends Record<string, unknown>>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function beginning(text: string): string {
  const points = [...text.slice(0, DIRECTIVE_CODE_POINTS * 2 + 2)];
  return points.length <= DIRECTIVE_CODE_POINTS ? text : `${points.slice(0, DIRECTIVE_CODE_POINTS).join('')}…`;
}
