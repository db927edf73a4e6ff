import { OBJECTIVE_LIMITS } from '@dark-carnival/crds';
import {
  type Cause,
  type Draft,
  fail,
  moveTo,
  type Phase,
  queueFor,
  requeueIn,
  type Step,
  timestamp,
} from '../draft.ts';
import { notAccepted } from '../policies/acceptance.ts';
import { exhausted } from '../policies/budget.ts';
import { isSpendingNews } from '../policies/daily-cap.ts';
import { place } from '../policies/placement.ts';
import { type Chains, chainsOf, chainsToReach } from '../policies/provider-chains.ts';
import type { Snapshot, Texts, WagonFacts } from '../snapshot.ts';
import { roundOrder } from './round-order.ts';

/** Nobody watches ConfigMaps: a missing context is looked for again after this long. */
const CONTEXT_RETRY_MS = 30_000;
/** Wagons and providers wake us; this is for a wake that was lost. */
const QUEUE_RETRY_MS = 15_000;

/** Waits for a wagon, and gives it the next round of the debate. Nothing that is missing fails the Objective. */
export const pending: Phase = (snapshot, draft) => {
  const { objective, nowMs } = snapshot;
  if (objective.spec.desiredState === 'Aborted') {
    if (draft.status.debate) draft.status.debate.stopReason = 'Aborted';
    return moveTo(draft, 'Aborted', 'before a wagon was found');
  }
  const problem = notAccepted({ ...snapshot, texts: draft.texts });
  if (objective.spec.desiredState === 'Paused') return rest(draft, problem);
  if (problem) return refuse(draft, nowMs, problem);
  const { texts } = draft;
  if (texts === undefined || 'missing' in texts) {
    requeueIn(draft, 0);
    return 'settled';
  }
  if ((draft.status.debate?.round ?? 0) > OBJECTIVE_LIMITS.maxRounds) {
    const message = `an Objective has at most ${OBJECTIVE_LIMITS.maxRounds} rounds; make a new one`;
    return stopped(draft, { reason: 'RoundsExhausted', message });
  }
  const spent = exhausted(objective.spec.budget, draft.status, nowMs);
  if (spent) return stopped(draft, spent);
  if (isSpendingNews(snapshot, draft.status)) {
    requeueIn(draft, 0);
    return 'settled';
  }
  return schedule(snapshot, draft, texts);
};

/** A debate that had begun ends for the same reason. */
function stopped(draft: Draft, cause: Cause): Step {
  if (draft.status.debate) draft.status.debate.stopReason = cause.reason;
  return fail(draft, cause);
}

/** A paused one waits for nobody, so it has no place in the queue; what is wrong with it is still told. */
function rest(draft: Draft, problem: Cause | undefined): Step {
  draft.notAccepted = problem;
  draft.waiting = problem;
  delete draft.status.queue;
  return 'settled';
}

function refuse(draft: Draft, nowMs: number, problem: { reason: string; message: string }): Step {
  draft.notAccepted = problem;
  queueFor(draft, nowMs, problem);
  if (problem.reason === 'ContextMissing') requeueIn(draft, CONTEXT_RETRY_MS);
  return 'settled';
}

function schedule(snapshot: Snapshot, draft: Draft, texts: Texts): Step {
  const { spec } = snapshot.objective;
  const resolved = chainsOf(snapshot);
  if (resolved.outcome === 'refused') return 'settled';
  const { chains } = resolved;
  const tried = draft.status.debate?.attempt !== undefined;
  const { wagonName } = draft.status;
  const placement = place(
    {
      spec,
      chains: chainsToReach(spec, chains),
      host: tried ? undefined : wagonName,
      avoid: tried ? wagonName : undefined,
    },
    snapshot.wagons.values(),
  );
  if (placement.outcome === 'queued') {
    queueFor(draft, snapshot.nowMs, placement.cause);
    requeueIn(draft, QUEUE_RETRY_MS);
    return 'settled';
  }
  return assign(snapshot, draft, { wagon: placement.wagon, chains, texts });
}

/** Records attempt and digest; the assignment itself goes out once that is written. */
function assign(
  snapshot: Snapshot,
  draft: Draft,
  { wagon, chains, texts }: { wagon: WagonFacts; chains: Chains; texts: Texts },
): Step {
  const { status } = draft;
  const round = Math.max(1, status.debate?.round ?? 1);
  const attempt = (status.debate?.attempt ?? 0) + 1;
  const afresh = draft.refusedClaim;
  const assignment = roundOrder(snapshot, draft, { round, attempt, chains, texts, wagon, afresh });
  status.wagonName = wagon.name;
  status.debate = { ...status.debate, round, attempt, inputsDigest: assignment.inputsDigest };
  delete status.debate.activeSeat;
  delete status.debate.stopReason;
  delete status.queue;
  status.startTime ??= timestamp(snapshot.nowMs);
  draft.prepare.unshift({ type: 'addFinalizer' });
  draft.effects.push({ type: 'putJob', wagonName: wagon.name, assignment });
  // A debate that only goes on does not look as if it began again.
  const goesOn = draft.enteredAs === 'Debating' || draft.enteredAs === 'AwaitingHuman';
  moveTo(draft, goesOn ? 'Debating' : 'Scheduled', `round ${round}, attempt ${attempt} on ${wagon.name}`);
  return 'settled';
}
