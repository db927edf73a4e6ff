import { type DebateStopReason, OBJECTIVE_LIMITS, SEATS, type Turn, type Usage } from '@dark-carnival/crds';
import { forecastWords } from '@dark-carnival/crds/text';
import type { JobReport } from '../../../ports/wagon-client.ts';
import { type Cause, type Draft, fail, moveTo, type Phase, queueFor, requeueIn, type Step } from '../draft.ts';
import { notAccepted } from '../policies/acceptance.ts';
import { type ActiveJob, activeJobs } from '../policies/active-jobs.ts';
import { MAX_ROUND_ATTEMPTS, roundDeadlineMs } from '../policies/attempts.ts';
import { BUDGET_EXHAUSTED, fallsShort, outOfTime } from '../policies/budget.ts';
import { judgeRound, judgeTurns, type RoundClaim } from '../policies/claims.ts';
import { debateEnd } from '../policies/debate-end.ts';
import {
  type AttemptOver,
  claimRefused,
  isRefused,
  type JobVerdict,
  judgeJob,
  neverTaken,
  POLL_MS,
} from '../policies/job-verdict.ts';
import { makePlan, tooLarge } from '../policies/plan-document.ts';
import { chainsOf, chainsToReach } from '../policies/provider-chains.ts';
import { afterRefusedKey } from '../policies/refused-keys.ts';
import { settle, settleLost } from '../policies/settling.ts';
import { finishedRounds, mergeTurns, resumeNames, roundRecord } from '../policies/turns.ts';
import { addUsage } from '../policies/usage.ts';
import type { Snapshot } from '../snapshot.ts';
import { ask, nextPlanNumber } from './ask.ts';
import { cancelActive } from './cancelling.ts';
import { outstandingOf } from './granted.ts';
import { holdActive, releaseActive } from './holding.ts';
import { roundOrder } from './round-order.ts';
import { requeueAtEnd } from './time-limit.ts';

/** Scheduled and Debating: a wagon holds the round, or is about to. Takes in what it says, and goes on with the next round or the question. */
export const debating: Phase = (snapshot, draft) => {
  const { spec, uid } = snapshot.objective;
  if (spec.desiredState === 'Aborted') {
    if (!cancelActive(snapshot, draft)) return 'settled';
    if (draft.status.debate) draft.status.debate.stopReason = 'Aborted';
    return moveTo(draft, 'Aborted', 'the debate was stopped');
  }
  const [active] = activeJobs(uid, { ...draft.status, phase: draft.phase });
  // Only a status that was edited by hand names a phase without its assignment.
  if (!active) return moveTo(draft, 'Pending', 'no assignment is recorded');
  if (spec.desiredState === 'Paused') return paused(snapshot, draft, active);
  const verdict = judgeJob(active, snapshot.jobs.get(active.id), {
    lost: snapshot.lost.has(active.wagonName),
    deadlineMs: roundDeadlineMs(spec.debate.mode === 'Single' ? 1 : SEATS.length, spec.debate.turnTimeoutSeconds),
    backoffBaseMs: snapshot.backoffBaseMs,
  });
  if (verdict.verdict !== 'succeeded') {
    const timeUp = outOfTime(spec.budget, draft.status, snapshot.nowMs);
    if (timeUp && !cancelActive(snapshot, draft)) return 'settled';
    if (timeUp) return outOfBudget(snapshot, draft, active, timeUp);
    requeueAtEnd(snapshot, draft);
  }
  releaseActive(snapshot, draft);
  return follow(snapshot, draft, active, verdict);
};

/** The phase stays, and what the wagon finishes is shown; whatever has ended is taken in when the Objective goes on. */
function paused(snapshot: Snapshot, draft: Draft, active: ActiveJob): Step {
  holdActive(snapshot, draft);
  const seen = snapshot.jobs.get(active.id);
  const claim = seen?.outcome === 'found' ? judgeTurns(seen.job, Number(active.part)) : undefined;
  const { debate } = draft.status;
  if (debate && claim?.outcome === 'believed' && claim.value.length > 0)
    debate.turns = mergeTurns(debate.turns, Number(active.part), claim.value);
  return 'settled';
}

function follow(snapshot: Snapshot, draft: Draft, active: ActiveJob, verdict: JobVerdict): Step {
  switch (verdict.verdict) {
    case 'wait':
      requeueIn(draft, verdict.requeueMs);
      return 'settled';
    case 'give':
      return give(snapshot, draft, active);
    case 'running':
      return progress(snapshot, draft, active, verdict.job);
    case 'succeeded':
      // A wagon that was quicker than our write: the phase is shown all the same, and its result is taken in by the next pass.
      if (draft.phase === 'Scheduled') return progress(snapshot, draft, active, verdict.job);
      return finished(snapshot, draft, active, verdict.job);
    case 'over':
      return attemptOver(snapshot, draft, active, verdict);
  }
}

/** The wagon does not hold the round: it is given again, unless what it depends on has changed since the digest was recorded. */
function give(snapshot: Snapshot, draft: Draft, active: ActiveJob): Step {
  const { texts } = draft;
  const wagon = snapshot.wagons.get(active.wagonName);
  const resolved = chainsOf(snapshot);
  if (texts === undefined || !wagon) {
    requeueIn(draft, POLL_MS);
    return 'settled';
  }
  const { attempt, inputsDigest } = active;
  if ('context' in texts && resolved.outcome === 'resolved') {
    const { chains } = resolved;
    const assignment = roundOrder(snapshot, draft, { round: Number(active.part), attempt, chains, texts, wagon });
    if (assignment.inputsDigest === inputsDigest) {
      draft.effects.push({ type: 'putJob', wagonName: wagon.name, assignment });
      requeueIn(draft, POLL_MS);
      return 'settled';
    }
  }
  const cause = { reason: 'InputsChanged', message: 'what the round depends on has changed before a wagon took it' };
  return attemptOver(snapshot, draft, active, { verdict: 'over', cause, retryable: true, lost: true, cancel: false });
}

function progress(snapshot: Snapshot, draft: Draft, active: ActiveJob, job: JobReport): Step {
  const round = Number(active.part);
  const claim = judgeTurns(job, round);
  if (claim.outcome === 'refused') {
    const cause = { reason: 'ClaimRefused', message: `${active.wagonName}: ${claim.message}` };
    return attemptOver(snapshot, draft, active, { verdict: 'over', cause, retryable: true, lost: false, cancel: true });
  }
  if (draft.phase !== 'Debating') moveTo(draft, 'Debating', `${active.wagonName} holds round ${round}`);
  const { debate } = draft.status;
  if (debate) {
    debate.turns = mergeTurns(debate.turns, round, claim.value);
    if (job.debate?.activeSeat) debate.activeSeat = job.debate.activeSeat;
  }
  requeueIn(draft, POLL_MS);
  return 'settled';
}

function finished(snapshot: Snapshot, draft: Draft, active: ActiveJob, job: JobReport): Step {
  const round = Number(active.part);
  const { spec } = snapshot.objective;
  const claim = judgeRound(job, { round, maxTasks: spec.execution.maxTasks });
  if (claim.outcome === 'refused') return refuseClaim(snapshot, draft, active, claim.message);
  if (draft.texts === undefined || 'missing' in draft.texts) return waitForTexts(snapshot, draft);
  const { turns, proposal } = claim.value;
  const record = roundRecord(round, turns, proposal);
  const end = endOf(snapshot, draft, claim.value, { round, usage: job.usage });
  const step = end === undefined ? nextRound(draft, round) : propose(snapshot, draft, claim.value, end);
  if (typeof step !== 'string') return refuseClaim(snapshot, draft, active, step.message);
  draft.prepare.unshift({ type: 'storeRound', record });
  const resumes = resumeNames(snapshot.objective.name, round, active.attempt);
  if (resumes.length > 0) draft.prepare.push({ type: 'deleteConfigMaps', names: resumes });
  draft.texts = { ...draft.texts, history: [...draft.texts.history, record], resume: undefined };
  settle(draft.status, job, snapshot);
  if (end !== undefined) warnOfForecast(snapshot, draft);
  const { debate } = draft.status;
  if (debate) {
    debate.turns = mergeTurns(debate.turns, round, turns);
    delete debate.activeSeat;
  }
  return step;
}

/** Whoever decides, or has decided beforehand, is told that the tasks may not fit into the budget. */
function warnOfForecast({ objective }: Snapshot, draft: Draft): void {
  if (draft.plan?.outcome !== 'intact') return;
  const { forecast, warning } = forecastWords(draft.plan.plan.forecast, objective.spec.budget, draft.status.usage);
  if (warning === undefined) return;
  draft.events.push({ type: 'Warning', reason: 'ForecastExceedsBudget', message: `${forecast}: ${warning}` });
}

/** Why the debate ends with this round, if it does. */
function endOf(
  { objective, nowMs }: Snapshot,
  { status, texts }: Draft,
  { criticism, proposal }: RoundClaim,
  { round, usage }: { round: number; usage: Usage },
): DebateStopReason | undefined {
  const { rounds } = objective.spec.debate;
  const isLast =
    finishedRounds(status.debate?.turns, round).length + 1 >= rounds || round >= OBJECTIVE_LIMITS.maxRounds;
  const history = texts && 'history' in texts ? texts.history : [];
  return debateEnd({
    criticism,
    proposal,
    before: history.findLast((record) => record.round < round)?.plan,
    isLast,
    isShort: fallsShort(objective.spec.budget, { ...status, usage: addUsage(status.usage, usage) }, { usage, nowMs }),
  });
}

/** The plan says what it was made from, so a context that was deleted meanwhile is waited for. */
function waitForTexts(snapshot: Snapshot, draft: Draft): Step {
  const problem = notAccepted({ ...snapshot, texts: draft.texts });
  if (problem) queueFor(draft, snapshot.nowMs, problem);
  requeueIn(draft, POLL_MS);
  return 'settled';
}

function nextRound(draft: Draft, round: number): Step {
  const { debate } = draft.status;
  if (debate) {
    debate.round = round + 1;
    delete debate.attempt;
    delete debate.inputsDigest;
  }
  return moveTo(draft, 'Pending', `round ${round + 1} follows`);
}

/** @returns the step, or why the proposal cannot be stored. */
function propose(
  snapshot: Snapshot,
  draft: Draft,
  { proposal, criticism: { dissent } }: RoundClaim,
  end: DebateStopReason,
): Step | { message: string } {
  const { objective, providers } = snapshot;
  const resolved = chainsOf(snapshot);
  const context = draft.texts && 'context' in draft.texts ? draft.texts.context : [];
  if (resolved.outcome === 'refused') return { message: resolved.cause.message };
  const number = nextPlanNumber(snapshot);
  const chain = resolved.chains.execution;
  const document = makePlan({ objective, number, proposal, chain, context, providers, dissent });
  const problem = tooLarge(document.bytes);
  if (problem) return { message: problem };
  if (draft.status.debate) draft.status.debate.stopReason = end;
  return ask(snapshot, draft, document);
}

function refuseClaim(snapshot: Snapshot, draft: Draft, active: ActiveJob, message: string): Step {
  const seen = snapshot.jobs.get(active.id);
  const doneForMs = seen?.outcome === 'found' ? seen.doneForMs : 0;
  return follow(snapshot, draft, active, claimRefused(active, doneForMs, message, snapshot.backoffBaseMs));
}

/** Another attempt, on another wagon where there is one, going on from the turns that were finished; or the end. */
function attemptOver(snapshot: Snapshot, draft: Draft, active: ActiveJob, given: AttemptOver): Step {
  const resolved = chainsOf(snapshot);
  const chains = resolved.outcome === 'resolved' ? chainsToReach(snapshot.objective.spec, resolved.chains) : [];
  const over = afterRefusedKey(given, chains, snapshot);
  const round = Number(active.part);
  const seen = snapshot.jobs.get(active.id);
  const job = seen?.outcome === 'found' ? seen.job : snapshot.lastHeard.get(active.id);
  const settled = seen?.outcome === 'found' && !over.cancel;
  if (settled) settle(draft.status, seen.job, snapshot);
  else if ((over.lost || over.cancel) && !neverTaken(over)) {
    settleLost(draft.status, job, { ...snapshot, granted: outstandingOf(snapshot, draft, active) });
  }
  if (over.cancel) draft.effects.push({ type: 'cancelJob', wagonName: active.wagonName, id: active.id });
  const kept = keptTurns(active, job);
  const { debate } = draft.status;
  if (debate) {
    debate.turns = mergeTurns(debate.turns, round, kept);
    delete debate.activeSeat;
    delete debate.inputsDigest;
  }
  draft.notes.push(`Attempt ${active.attempt} is over: ${over.cause.reason}`);
  draft.refusedClaim ||= isRefused(over.cause);
  if (over.cause.reason === BUDGET_EXHAUSTED) return outOfBudget(snapshot, draft, active, over.cause);
  if (!over.retryable || active.attempt >= MAX_ROUND_ATTEMPTS) return stopped(draft, over.cause);
  if (kept.length > 0) resumeFrom(draft, { round, attempt: active.attempt + 1, turns: kept });
  return moveTo(draft, 'Pending', `attempt ${active.attempt + 1} follows`);
}

/** The debate ends without a plan; the turns that were paid for are kept for when the budget is raised. */
function outOfBudget(snapshot: Snapshot, draft: Draft, active: ActiveJob, cause: Cause): Step {
  const seen = snapshot.jobs.get(active.id);
  const job = seen?.outcome === 'found' ? seen.job : snapshot.lastHeard.get(active.id);
  const turns = keptTurns(active, job);
  const { debate } = draft.status;
  if (debate) debate.turns = mergeTurns(debate.turns, Number(active.part), turns);
  if (turns.length > 0) resumeFrom(draft, { round: Number(active.part), attempt: active.attempt + 1, turns });
  return stopped(draft, cause);
}

const keptTurns = (active: ActiveJob, job: JobReport | undefined): Turn[] =>
  job?.inputsDigest === active.inputsDigest ? finishedTurns(job, Number(active.part)) : [];

/** The debate ends without a plan. */
function stopped(draft: Draft, cause: Cause): Step {
  if (draft.status.debate) draft.status.debate.stopReason = cause.reason;
  return fail(draft, cause);
}

/** Turns that need not be bought again. The tactician's goes with the attempt: it is what failed. */
function finishedTurns(job: JobReport, round: number): Turn[] {
  const claim = judgeTurns(job, round);
  if (claim.outcome === 'refused') return [];
  return claim.value.filter(({ seat, outcome }) => seat !== 'tactician' && outcome === 'Answered');
}

function resumeFrom(draft: Draft, resume: { round: number; attempt: number; turns: readonly Turn[] }): void {
  draft.prepare.push({ type: 'storeResume', ...resume });
  if (draft.texts && 'context' in draft.texts) draft.texts = { ...draft.texts, resume };
}
