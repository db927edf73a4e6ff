import type { Condition, ConditionStatus, ObjectivePhase } from '@dark-carnival/crds';
import { PAUSED_REASON } from './policies/pause.ts';

/** Conditions in the order in which they are listed. Reconciling and Stalled are there exactly while they are True (kstatus: abnormal-true). */
export const OBJECTIVE_CONDITIONS = [
  'Ready',
  'Reconciling',
  'Stalled',
  'Accepted',
  'Scheduled',
  'Debated',
  'DistinctModels',
  'Approved',
  'Executed',
  'Improved',
  'Complete',
  'Failed',
  'RetainedByGitOps',
] as const;
export type ObjectiveCondition = (typeof OBJECTIVE_CONDITIONS)[number];

/** A row of the table: a phase, or a phase at the place where it ended. */
export type Row =
  | 'NotAccepted'
  | Exclude<ObjectivePhase, 'Failed' | 'Aborted'>
  | 'Failed before approval'
  | 'Failed after approval'
  | 'Aborted in debate'
  | 'Aborted at the gate'
  | 'Aborted in execution'
  | 'Aborted in improvement';

/** `{cause}` in a reason stands for the cause's reason; `{…}` in a message for a fact. */
export interface Line {
  status: ConditionStatus;
  reason: string;
  message: string;
}
type Lines = Partial<Record<ObjectiveCondition, Line>>;

const line = (status: ConditionStatus, reason: string, message: string): Line => ({ status, reason, message });
const accepted = line('True', 'Accepted', 'Everything that spec names exists.');
const scheduled = line('True', 'WagonChosen', 'Hosted by {wagon}.');
const debated = line('True', 'PlanProposed', 'The debate ended with a plan of {taskCount} tasks.');
const approved = line('True', 'Approved', 'Approved by {decidedBy}.');
const cause = (status: ConditionStatus) => line(status, '{cause}', '{message}');

const UP_TO_PLAN: Lines = { Accepted: accepted, Scheduled: scheduled, Debated: debated };

/**
 * Which conditions an Objective has in each phase. A condition that is not listed is absent: nothing has been decided about it yet. This table is the
 * whole truth: no other code says what a condition is.
 */
export const CONDITION_TABLE: Readonly<Record<Row, Lines>> = {
  NotAccepted: {
    Ready: cause('False'),
    Reconciling: cause('True'),
    Accepted: cause('False'),
  },
  Pending: {
    Ready: cause('False'),
    Reconciling: cause('True'),
    Accepted: accepted,
    Scheduled: cause('False'),
  },
  Scheduled: {
    Ready: line('False', 'Scheduled', 'Round {round} is being given to {wagon}.'),
    Reconciling: line('True', 'Scheduled', 'Round {round} is being given to {wagon}.'),
    Accepted: accepted,
    Scheduled: scheduled,
  },
  Debating: {
    Ready: line('False', 'Debating', 'Round {round} is debated on {wagon}.'),
    Reconciling: line('True', 'Debating', 'Round {round} is debated on {wagon}.'),
    Accepted: accepted,
    Scheduled: scheduled,
    Debated: line('Unknown', 'Debating', 'The debate goes on.'),
  },
  AwaitingHuman: {
    Ready: line('False', 'AwaitingHuman', 'Plan {planNumber} waits for Approve, Feedback or Abort.'),
    ...UP_TO_PLAN,
    Approved: line('Unknown', 'AwaitingHuman', 'Nobody has decided yet.'),
  },
  Executing: {
    Ready: line('False', '{waiting|Executing}', '{waitingMessage|Plan {planNumber} is being executed.}'),
    Reconciling: line('True', '{waiting|Executing}', '{waitingMessage|Plan {planNumber} is being executed.}'),
    ...UP_TO_PLAN,
    Approved: approved,
    Executed: line('Unknown', 'Executing', 'Tasks are open.'),
  },
  Improving: {
    Ready: line('False', 'Improving', 'The results are scored.'),
    Reconciling: line('True', 'Improving', 'The results are scored.'),
    ...UP_TO_PLAN,
    Approved: approved,
    Executed: line('True', 'TasksSucceeded', 'Every task succeeded.'),
    Improved: line('Unknown', 'Improving', 'The results are scored.'),
  },
  Completed: {
    Ready: line('True', 'Completed', 'Every task succeeded; the files are in the vault.'),
    ...UP_TO_PLAN,
    Approved: approved,
    Executed: line('True', 'TasksSucceeded', 'Every task succeeded.'),
    Improved: line('Unknown', '{improved}', '{improvedMessage}'),
    Complete: line('True', 'Completed', 'Every task succeeded.'),
  },
  'Failed before approval': {
    Ready: cause('False'),
    Stalled: cause('True'),
    Accepted: accepted,
    Debated: cause('False'),
    Failed: cause('True'),
  },
  'Failed after approval': {
    Ready: cause('False'),
    Stalled: cause('True'),
    ...UP_TO_PLAN,
    Approved: approved,
    Executed: cause('False'),
    Failed: cause('True'),
  },
  'Aborted in debate': {
    Ready: line('False', 'Aborted', 'Aborted before there was a plan.'),
    Stalled: line('True', 'Aborted', 'An aborted Objective stays aborted: make a new one.'),
    Debated: line('False', 'Aborted', 'Aborted before there was a plan.'),
  },
  'Aborted at the gate': {
    Ready: line('False', 'Aborted', 'Plan {planNumber} was not approved.'),
    Stalled: line('True', 'Aborted', 'An aborted Objective stays aborted: make a new one.'),
    ...UP_TO_PLAN,
    Approved: line('False', 'Aborted', 'Plan {planNumber} was not approved.'),
  },
  'Aborted in execution': {
    Ready: line('False', 'Aborted', 'Aborted while the tasks ran.'),
    Stalled: line('True', 'Aborted', 'An aborted Objective stays aborted: make a new one.'),
    ...UP_TO_PLAN,
    Approved: approved,
    Executed: line('False', 'Aborted', 'Aborted while the tasks ran.'),
  },
  'Aborted in improvement': {
    Ready: line('False', 'Aborted', 'Aborted after every task succeeded; the files are in the vault.'),
    Stalled: line('True', 'Aborted', 'An aborted Objective stays aborted: make a new one.'),
    ...UP_TO_PLAN,
    Approved: approved,
    Executed: line('True', 'TasksSucceeded', 'Every task succeeded.'),
    Improved: line('False', 'Aborted', 'Aborted before the results were scored.'),
  },
  Expired: {
    Ready: line(
      'False',
      'Expired',
      'Nobody decided about plan {planNumber} in time; raise spec.retry to be asked again.',
    ),
    Stalled: line('True', 'Expired', 'Nobody decided in time.'),
    ...UP_TO_PLAN,
    Approved: line('False', 'Expired', 'Nobody decided in time.'),
  },
};

/** What Ready says while `desiredState` is Paused and the Objective has not ended; Reconciling is absent then. */
export const PAUSED = line(
  'False',
  PAUSED_REASON,
  'Calls in flight finish; set spec.desiredState to Running to go on.',
);

/**
 * Whether different models met in a debate of three seats, from its first assignment on. A hint and nothing more: neither Ready nor Stalled follows
 * from it. Absent with mode Single.
 */
export const DISTINCT_MODELS = line('True', 'ModelsDiffer', 'In the seats: {models}.');
export const ONE_MODEL = line(
  'False',
  'OneModelInAllSeats',
  'Every seat that was heard is {models}: three different models find more. Name others in spec.debate.seats or carnival-defaults.',
);

/** Kept by the controller although the time to live is over. */
export const RETAINED = line(
  'True',
  'RetainedByGitOps',
  'A GitOps tool would make it again, so it is not deleted after its time to live.',
);

/** What fills the table's braces. */
export type ConditionFacts = Readonly<Record<string, string | undefined>>;

/** Takes a line's words and fills in the facts. `{a|b}` is `a` where it is known, else the words b. */
export function fill(template: string, facts: ConditionFacts): string {
  return template.replace(/\{(\w+)(?:\|((?:[^{}]|\{\w+\})*))?\}/g, (_, name: string, otherwise: string | undefined) => {
    const known = facts[name];
    if (known !== undefined) return known;
    return otherwise === undefined ? '' : fill(otherwise, facts);
  });
}

/** The lines as conditions, with the transition times of those whose status did not change. */
export function toConditions(
  lines: Lines,
  facts: ConditionFacts,
  { before, generation, now }: { before: readonly Condition[] | undefined; generation: number; now: string },
): Condition[] {
  return OBJECTIVE_CONDITIONS.flatMap((type): Condition[] => {
    const found = lines[type];
    if (!found) return [];
    const known = before?.find((condition) => condition.type === type);
    return [
      {
        type,
        status: found.status,
        observedGeneration: generation,
        lastTransitionTime: known?.status === found.status ? known.lastTransitionTime : now,
        reason: fill(found.reason, facts) || 'Unknown',
        message: fill(found.message, facts).slice(0, 1024),
      },
    ];
  });
}
