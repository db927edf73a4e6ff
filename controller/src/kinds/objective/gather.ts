import { isJobDone, type Objective } from '@dark-carnival/crds';
import type { JobReport } from '../../ports/wagon-client.ts';
import type { Actor } from './apply.ts';
import { type ActiveJob, activeJobs } from './policies/active-jobs.ts';
import { answers, approvedHash } from './policies/gate.ts';
import type { JobObservation, Snapshot, ValidObjective } from './snapshot.ts';
import type { ControllerState } from './state.ts';
import { readPlan } from './stored-plan.ts';
import { readTexts } from './texts.ts';
import { defaultsOf, lostWagons, providerFacts, targetOf, wagonFacts } from './wagon-facts.ts';

const DEFAULT_BACKOFF_MS = 1_000;

/**
 * Reads the world for one decision: caches, wagons, and of the ConfigMaps only those that this phase can need.
 * @param known observations that this reconcile has made itself; they are not asked for again.
 */
export async function gather(
  actor: Actor,
  object: Objective,
  known: ReadonlyMap<string, JobObservation>,
): Promise<Snapshot> {
  const { deps, state } = actor;
  const objective = state.validated.of(object);
  const { namespace, uid } = objective;
  const active = activeJobs(uid, objective.status);
  state.jobs.retain(uid, new Set(active.map(({ id }) => id)));
  const jobs = await observe(actor, { namespace, active, known });
  const lost = lostWagons(deps, namespace, active);
  const [texts, storedPlan] = await Promise.all([
    wantsTexts(objective, jobs, lost)
      ? readTexts(deps.client, objective, { rounds: objective.status.phase !== 'Executing' })
      : undefined,
    wantsPlan(objective) ? readPlan(deps.client, state.plans, objective, { fresh: atGate(objective) }) : undefined,
  ]);
  return {
    objective,
    // Read last: what was awaited before must not make a decision look older than it is.
    nowMs: deps.clock.now(),
    leaderEpoch: deps.leadership.leaderEpoch(),
    backoffBaseMs: deps.backoffBaseMs ?? DEFAULT_BACKOFF_MS,
    wagons: wagonFacts(deps, state, objective),
    lost,
    providers: providerFacts(deps, namespace),
    defaults: defaultsOf(deps, namespace),
    jobs,
    lastHeard: lastHeard(state, active),
    texts,
    storedPlan,
  };
}

interface Asked {
  namespace: string;
  active: readonly ActiveJob[];
  known: ReadonlyMap<string, JobObservation>;
}

/** Asks the wagons about every assignment that status names. */
async function observe(
  { deps, state, wakes }: Actor,
  { namespace, active, known }: Asked,
): Promise<Map<string, JobObservation>> {
  const seen = active.map(async ({ id, wagonName }): Promise<[string, JobObservation]> => {
    const already = known.get(id);
    if (already) return [id, already];
    const target = await targetOf(deps, namespace, wagonName);
    if ('missing' in target) return [id, state.jobs.note(id, { outcome: 'unreachable', message: target.missing })];
    wakes.listenTo(target);
    return [id, state.jobs.note(id, await deps.wagonClient.getJob(target, id))];
  });
  return new Map(await Promise.all(seen));
}

/** Text is read where a decision of this phase can need it: not while a round runs, nor while a person thinks. */
function wantsTexts(
  objective: ValidObjective,
  jobs: ReadonlyMap<string, JobObservation>,
  lost: ReadonlySet<string>,
): boolean {
  const { status } = objective;
  switch (status.phase ?? 'Pending') {
    case 'Pending':
    case 'Executing':
      return true;
    case 'Scheduled':
    case 'Debating':
      return lost.size > 0 || ![...jobs.values()].every(isUndecided);
    default:
      return atGate(objective) || wantsRetry(objective);
  }
}

/** An observation after which a round only goes on being waited for. */
function isUndecided(seen: JobObservation): boolean {
  if (seen.outcome === 'found') return !isJobDone(seen.job.state);
  return seen.outcome === 'silent' || seen.outcome === 'full' || seen.outcome === 'fenced';
}

function wantsPlan(objective: ValidObjective): boolean {
  const { status } = objective;
  if (status.phase === 'Executing' || atGate(objective)) return true;
  if (status.phase === 'Failed') return wantsRetry(objective) && approvedHash(status) !== undefined;
  return status.phase === 'Expired' && wantsRetry(objective);
}

/** The question was answered, or was lost. */
function atGate({ spec, status }: ValidObjective): boolean {
  if (status.phase !== 'AwaitingHuman') return false;
  return status.approvalRequest === undefined || answers(spec.intervention, status.approvalRequest);
}

function wantsRetry({ spec, status }: ValidObjective): boolean {
  const mayRetry = status.phase === 'Failed' || status.phase === 'Expired';
  return mayRetry && spec.retry > (status.retriesTaken ?? 0);
}

function lastHeard({ jobs }: ControllerState, active: readonly ActiveJob[]): Map<string, JobReport> {
  const heard = new Map<string, JobReport>();
  for (const { id } of active) {
    const last = jobs.last(id);
    if (last) heard.set(id, last);
  }
  return heard;
}
