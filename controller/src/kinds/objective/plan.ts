import { type ObjectivePhase, roundConfigMapName } from '@dark-carnival/crds';
import type { Decision, PhaseEvent } from './decision.ts';
import { type Draft, openDraft, type Phase } from './draft.ts';
import { awaitingHuman } from './phases/awaiting-human.ts';
import { debating } from './phases/debating.ts';
import { planDeletion } from './phases/deleting.ts';
import { ended, expired, failed, improving } from './phases/ended.ts';
import { executing } from './phases/executing.ts';
import { pending } from './phases/pending.ts';
import { endedByBudget } from './policies/budget.ts';
import { resumeNames } from './policies/turns.ts';
import { fallBackEvents, placesOf } from './policies/who-answered.ts';
import type { Snapshot, ValidObjective } from './snapshot.ts';
import { isEnded, summarize } from './summarize.ts';

/** What each phase does. A phase decides on facts alone, changes the draft, and says whether the next phase is to decide too. */
const PHASES: Readonly<Record<ObjectivePhase, Phase>> = {
  Pending: pending,
  Scheduled: debating,
  Debating: debating,
  AwaitingHuman: awaitingHuman,
  Executing: executing,
  Improving: improving,
  Completed: ended,
  Failed: failed,
  Aborted: ended,
  Expired: expired,
};

/** More moves than any way through the phases has: a bound, so that a mistake here cannot hang the controller. */
const MAX_MOVES = 8;

/** Decides what is to be done about an Objective now. Pure and total: the same facts give the same decision. */
export function decide(snapshot: Snapshot): Decision {
  if (snapshot.objective.metadata.deletionTimestamp !== undefined) return planDeletion(snapshot);
  const draft = openDraft(snapshot);
  for (let moves = 0; moves < MAX_MOVES; moves += 1) {
    if (PHASES[draft.phase](snapshot, draft) === 'settled') break;
  }
  return close(snapshot, draft);
}

function close(snapshot: Snapshot, draft: Draft): Decision {
  const moved = draft.phase !== snapshot.objective.status.phase;
  if (moved && isEnded(draft.phase)) dropRounds(snapshot.objective, draft);
  const status = summarize(snapshot, draft);
  return {
    prepare: draft.prepare,
    status,
    effects: draft.effects,
    events: [...draft.events, ...fellBack(snapshot, draft), ...(moved ? [phaseEvent(draft)] : [])],
    requeueAfterMs: draft.requeueAfterMs,
    notes: draft.notes,
    phase: draft.phase,
  };
}

function fellBack({ objective }: Snapshot, { status }: Draft): PhaseEvent[] {
  const { debate, tasks } = objective.status;
  return fallBackEvents(placesOf(debate?.turns, tasks), placesOf(status.debate?.turns, status.tasks));
}

/** Rounds are kept so that a debate can go on; an Expired one still may, and one that its budget ended. */
function dropRounds({ name }: ValidObjective, { phase, status, prepare }: Draft): void {
  const { round = 0, attempt = 1 } = status.debate ?? {};
  if (phase === 'Expired' || round === 0 || endedByBudget({ ...status, phase })) return;
  const rounds = Array.from({ length: round }, (_, index) => roundConfigMapName(name, index + 1));
  prepare.push({ type: 'deleteConfigMaps', names: [...rounds, ...resumeNames(name, round, attempt)] });
}

const TROUBLE: readonly ObjectivePhase[] = ['Failed', 'Expired'];

function phaseEvent({ phase, status, failure, waiting }: Draft): PhaseEvent {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  const cause = failure ?? (phase === 'Pending' ? waiting : undefined);
  return {
    type: TROUBLE.includes(phase) ? 'Warning' : 'Normal',
    reason: phase,
    message: cause ? `${cause.reason}: ${cause.message}` : (ready?.message ?? phase),
  };
}
