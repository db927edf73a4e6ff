import { type Intervention, OBJECTIVES, type Objective, type ObjectiveSpecInput } from '@dark-carnival/crds';
import type { PlayWagon } from './play-wagon.ts';
import { OBJECTIVE, type Theatre } from './theatre.ts';

/** What people and machines do while an Objective runs. */
export interface Story {
  name: string;
  spec: ObjectiveSpecInput;
  /** The phase in which it ends; undefined: it is deleted. */
  ends: 'Completed' | 'Aborted' | undefined;
  /** Called whenever all is at rest, with the newest revision: whoever acts, acts on what it sees. */
  direct: (theatre: Theatre, revision: Objective, once: Once) => void;
  /** Before the Objective is made. */
  prepare?: (theatre: Theatre) => void;
  /** A machine is lost in it: what it alone knew has to be bought again where the controller that heard of it dies too. */
  losesWagon?: boolean;
  /** How far a task comes depends on when the controller hears of something: only that it ends, and what it does not do, is compared. */
  races?: boolean;
}

/** Runs what was not run before under this name, after a person's time to think. */
export type Once = (name: string, afterMs: number, act: () => unknown) => void;

const BUDGET = { budget: { maxTokens: 400_000 } };
const HELD = 600_000;

export const STORIES: readonly Story[] = [
  {
    name: 'apply to completed',
    // The answer comes before the question expires, whatever the controller has heard by then.
    spec: { directive: 'Chart the tides', ...BUDGET, approval: { timeoutSeconds: 45 } },
    ends: 'Completed',
    direct: (theatre, revision, once) => approveEach(theatre, revision, once),
  },
  {
    name: 'feedback round',
    spec: { directive: 'Chart the tides', ...BUDGET },
    ends: 'Completed',
    direct: (theatre, revision, once) => {
      const first = revision.status?.decisions === undefined;
      if (first) answerOnce(theatre, revision, once, { decision: 'Feedback', feedback: 'more fish' });
      else approveEach(theatre, revision, once);
    },
  },
  {
    name: 'abort',
    spec: { directive: 'Chart the tides', ...BUDGET },
    ends: 'Aborted',
    prepare: ({ wagons }) => {
      for (const wagon of wagons) wagon.holds = ({ task }) => task !== undefined;
    },
    direct: (theatre, revision, once) => {
      approveEach(theatre, revision, once);
      if (isAtWork(theatre, 'task')) once('abort', 3_000, () => patchSpec(theatre, { desiredState: 'Aborted' }));
    },
  },
  {
    name: 'abort between tasks',
    spec: { directive: 'Chart the tides', ...BUDGET },
    ends: 'Aborted',
    races: true,
    direct: (theatre, revision, once) => {
      approveEach(theatre, revision, once);
      if (asks(theatre, 'task t1')) once('abort', 1_000, () => patchSpec(theatre, { desiredState: 'Aborted' }));
    },
  },
  {
    name: 'wagon dies in debate',
    spec: { directive: 'Chart the tides' },
    ends: 'Completed',
    losesWagon: true,
    direct: (theatre, revision, once) => {
      if (asks(theatre, 'debate 1 critic')) once('death', 1_000, () => killWorking(theatre));
      approveEach(theatre, revision, once);
    },
  },
  {
    name: 'wagon dies in execution',
    spec: { directive: 'Chart the tides' },
    ends: 'Completed',
    losesWagon: true,
    direct: (theatre, revision, once) => {
      approveEach(theatre, revision, once);
      if (asks(theatre, 'task t1')) once('death', 1_000, () => killWorking(theatre));
    },
  },
  {
    name: 'deleted in execution',
    spec: { directive: 'Chart the tides', ...BUDGET },
    ends: undefined,
    prepare: ({ wagons }) => {
      for (const wagon of wagons) wagon.holds = ({ task }) => task !== undefined;
    },
    direct: (theatre, revision, once) => {
      approveEach(theatre, revision, once);
      if (isAtWork(theatre, 'task')) {
        once('delete', 3_000, () => theatre.sim.client.delete(OBJECTIVES, OBJECTIVE));
      }
    },
  },
];

function approveEach(theatre: Theatre, revision: Objective, once: Once): void {
  answerOnce(theatre, revision, once, { decision: 'Approve' });
}

function answerOnce(
  theatre: Theatre,
  { status }: Objective,
  once: Once,
  answer: Pick<Intervention, 'decision' | 'feedback'>,
): void {
  const request = status?.approvalRequest;
  if (!request) return;
  const value = { requestID: request.id, planHash: request.planHash, decidedBy: 'alice', ...answer };
  const operations = [{ op: 'add' as const, path: '/spec/intervention', value }];
  once(`answer ${request.id}`, 5_000, () =>
    theatre.sim.client.patch(OBJECTIVES, OBJECTIVE, { type: 'json', operations }),
  );
}

function patchSpec(theatre: Theatre, spec: Record<string, unknown>): Promise<unknown> {
  return theatre.sim.client.patch(OBJECTIVES, OBJECTIVE, { type: 'merge', body: { spec } });
}

const working = ({ wagons }: Theatre): PlayWagon | undefined =>
  wagons.find((wagon) => !wagon.isDead && wagon.running.length > 0);

/** A wagon works on one of these. */
function isAtWork(theatre: Theatre, kind: 'debate' | 'task'): boolean {
  return working(theatre)?.running.some((id) => id.includes(`.${kind}.`)) ?? false;
}

/** A model is being asked this. */
function asks({ wagons }: Theatre, question: string): boolean {
  return wagons.some(({ purchases }) =>
    purchases.some(({ key, outcome }) => key === question && outcome === 'in flight'),
  );
}

function killWorking(theatre: Theatre): void {
  working(theatre)?.die();
}

/** Longest that a story may take with any one fault in it, by its clock. */
export const LIMIT_MS = HELD;
