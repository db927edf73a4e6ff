import { OBJECTIVE_FINALIZER, OBJECTIVES, type Objective, type ObjectiveStatus } from '@dark-carnival/crds';
import { ApiError } from '@dark-carnival/kube';
import type { WagonTarget } from '../../ports/wagon-client.ts';
import { addFinalizer, removeFinalizer } from '../../runtime/finalizers.ts';
import { patchStatus } from '../../runtime/status-patch.ts';
import { deleteConfigMaps, storeConfigMap } from './config-maps.ts';
import type { Decision, Effect, Preparation } from './decision.ts';
import type { ObjectiveDeps } from './deps.ts';
import { contentOf, type Stored } from './records.ts';
import type { JobObservation } from './snapshot.ts';
import type { ControllerState } from './state.ts';
import { targetOf } from './wagon-facts.ts';

/** What came of a decision. */
export interface Applied {
  /** Status was written or something was done: the world is another one, so decide again. */
  changed: boolean;
  /** What was learnt of jobs by giving and cancelling them. */
  seen: ReadonlyMap<string, JobObservation>;
}

export interface Wakes {
  /** Makes sure that events of a wagon wake the Objectives that it works for. */
  listenTo(target: WagonTarget): void;
}

/** The parts of the controller that act. */
export interface Actor {
  deps: ObjectiveDeps;
  state: ControllerState;
  wakes: Wakes;
}

/**
 * Carries out a decision, in this order: what the status will promise, the status, what the status has recorded. A crash anywhere between leaves nothing that
 * the next pass would not do again to the same end.
 */
export async function apply(actor: Actor, object: Objective, decision: Decision): Promise<Applied> {
  const { prepared, written } = await record(actor, object, decision);
  const current = written ?? prepared;
  for (const event of decision.events) actor.deps.events.record(current, event);
  const seen = new Map<string, JobObservation>();
  await Promise.all(decision.effects.map((effect) => carryOut(actor, current, effect, seen)));
  return { changed: written !== undefined || seen.size > 0, seen };
}

/** Slots are booked first of all: another Objective may be placed while preparations and the write are under way. */
async function record(actor: Actor, object: Objective, decision: Decision) {
  const { slots } = actor.state;
  const { namespace = '', uid = '' } = object.metadata;
  slots.bookDecision(namespace, uid, decision.status);
  try {
    const prepared = await prepare(actor, object, decision);
    const written = await writeStatus(actor, prepared, decision.status);
    slots.written(uid);
    return { prepared, written };
  } catch (error) {
    slots.takeBack(object);
    throw error;
  }
}

/** The finalizer first: what is stored afterwards is owned, and so goes with the object. */
async function prepare({ deps, state }: Actor, object: Objective, { prepare: steps }: Decision): Promise<Objective> {
  let current = object;
  if (steps.some(({ type }) => type === 'addFinalizer')) {
    current = await addFinalizer(deps.client, OBJECTIVES, object, OBJECTIVE_FINALIZER);
    if (current !== object) state.latest.wrote(keyOf(current), current);
  }
  const contents = steps.flatMap((step) => (isStored(step) ? [contentOf(current.metadata.name, step)] : []));
  await Promise.all(contents.map((content) => storeConfigMap(deps.client, current, content)));
  for (const step of steps) if (step.type === 'carrySpending') await deps.spending.carry(current, step.spent);
  const unneeded = steps.flatMap((step) => (step.type === 'deleteConfigMaps' ? step.names : []));
  await deleteConfigMaps(deps.client, current, unneeded);
  return current;
}

/** Whether a step stores a ConfigMap. */
const isStored = (step: Preparation): step is Stored =>
  step.type !== 'addFinalizer' && step.type !== 'deleteConfigMaps' && step.type !== 'carrySpending';

/** The only place where status is written. */
async function writeStatus(
  { deps, state }: Actor,
  object: Objective,
  status: ObjectiveStatus,
): Promise<Objective | undefined> {
  const written = await patchStatus(deps.client, OBJECTIVES, object, status, { lock: 'Required' });
  if (written) {
    state.latest.wrote(keyOf(written), written);
    deps.spending.heard(written);
    deps.observer?.wrote(object, written);
  }
  return written;
}

async function carryOut(
  actor: Actor,
  object: Objective,
  effect: Effect,
  seen: Map<string, JobObservation>,
): Promise<void> {
  switch (effect.type) {
    case 'putJob':
      return give(actor, object, effect, seen);
    case 'cancelJob':
      return cancel(actor, object, effect, seen);
    case 'holdJob':
      return hold(actor, object, effect, seen);
    case 'removeFinalizer':
      return removeFinalizer(actor.deps.client, OBJECTIVES, object, OBJECTIVE_FINALIZER);
    case 'deleteObjective':
      return deleteObjective(actor, object);
  }
}

async function give(
  { deps, state, wakes }: Actor,
  object: Objective,
  { wagonName, assignment }: Extract<Effect, { type: 'putJob' }>,
  seen: Map<string, JobObservation>,
): Promise<void> {
  const { id } = assignment;
  const target = await targetOf(deps, object.metadata.namespace ?? '', wagonName);
  if ('missing' in target) {
    seen.set(id, state.jobs.note(id, { outcome: 'unreachable', message: target.missing }));
    return;
  }
  wakes.listenTo(target);
  const answer = await deps.wagonClient.putJob(target, assignment);
  // Same id, other body: what the wagon holds decides whether it is ours after all.
  const outcome = answer.outcome === 'conflict' ? await deps.wagonClient.getJob(target, id) : answer;
  seen.set(id, state.jobs.note(id, outcome));
}

async function cancel(
  { deps, state }: Actor,
  object: Objective,
  { wagonName, id }: Extract<Effect, { type: 'cancelJob' }>,
  seen: Map<string, JobObservation>,
): Promise<void> {
  const target = await targetOf(deps, object.metadata.namespace ?? '', wagonName);
  if ('missing' in target) return;
  const answer = await deps.wagonClient.cancelJob(target, id, deps.leadership.leaderEpoch());
  if (answer.outcome === 'cancelled') seen.set(id, state.jobs.note(id, await deps.wagonClient.getJob(target, id)));
  else if (answer.outcome === 'absent') seen.set(id, state.jobs.note(id, answer));
}

/** Only an order that is obeyed is news: anything else is looked at again in a while, not at once. */
async function hold(
  { deps, state }: Actor,
  object: Objective,
  { wagonName, id, held }: Extract<Effect, { type: 'holdJob' }>,
  seen: Map<string, JobObservation>,
): Promise<void> {
  const target = await targetOf(deps, object.metadata.namespace ?? '', wagonName);
  if ('missing' in target) return;
  const answer = await deps.wagonClient.holdJob(target, id, { held, leaderEpoch: deps.leadership.leaderEpoch() });
  if (answer.outcome !== 'ordered' || (answer.job.held ?? false) !== held) return;
  seen.set(id, state.jobs.note(id, { outcome: 'found', job: answer.job }));
}

async function deleteObjective({ deps }: Actor, { metadata }: Objective): Promise<void> {
  const { uid, resourceVersion } = metadata;
  const preconditions = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  try {
    await deps.client.delete(OBJECTIVES, metadata, { preconditions });
  } catch (error) {
    if (!(error instanceof ApiError && error.isNotFound)) throw error;
  }
}

export const keyOf = ({ metadata }: Objective): string => `${metadata.namespace}/${metadata.name}`;
