import { isSelfRegistered, WAGONS, type Wagon } from '@dark-carnival/crds';
import { ApiError, BY_NAMESPACE } from '@dark-carnival/kube';
import type { ReconcileResult } from '../../runtime/outcome.ts';
import type { ValidWagon, WagonActor } from './actor.ts';
import { isNeeded } from './needs.ts';
import type { LifeVerdict } from './policies/life.ts';
import type { Brake } from './policies/mass-silence.ts';
import { judgeRetention } from './policies/retention.ts';
import type { DeletionHeld } from './policies/status.ts';

/** What becomes of the object, besides its status. */
export type EvictionStep =
  /** It is evicted, its time is over, and nobody needs it. */
  | { outcome: 'delete'; checkInMs?: undefined }
  | { outcome: 'keep'; held: DeletionHeld | undefined; checkInMs: number | undefined };

const KEPT: EvictionStep = { outcome: 'keep', held: undefined, checkInMs: undefined };

/** Whether the object of an evicted wagon goes now. Keeps the books of who is silent on the way. */
export function judgeEviction(actor: WagonActor, wagon: ValidWagon, verdict: LifeVerdict): EvictionStep {
  const { namespace = '', name, labels } = wagon.metadata;
  const brake = noteSilence(actor, wagon, verdict);
  const isSettled = verdict.phase === 'Evicted' && wagon.status?.phase === 'Evicted';
  if (!isSettled || !isSelfRegistered(labels)) return KEPT;
  const { clock, objectives } = actor.deps;
  const retention = judgeRetention({
    spec: wagon.spec,
    conditions: wagon.status?.conditions,
    nowMs: Math.min(clock.now(), clock.monotonic() + actor.wallOffsetMs),
    needed: isNeeded(objectives, `${namespace}/${name}`),
    brakeForMs: brake.holdForMs,
  });
  if (retention.outcome === 'delete') return retention;
  return { outcome: 'keep', held: heldBy(retention.why), checkInMs: retention.checkInMs };
}

function noteSilence({ deps, silence }: WagonActor, wagon: ValidWagon, { phase }: LifeVerdict): Brake {
  const { namespace = '', name } = wagon.metadata;
  const now = deps.clock.monotonic();
  silence.note(namespace, name, phase === 'Stale' || phase === 'Evicted', now);
  const brake = silence.brake(namespace, deps.wagons.store.countByIndex(BY_NAMESPACE, namespace), now);
  if (brake.justBegan)
    deps.events.record(wagon, { type: 'Warning', reason: 'MassSilence', message: massMessage(brake) });
  return brake;
}

const massMessage = ({ silent, fleet }: Brake) =>
  `${silent} of ${fleet} wagons fell silent at once: the fault may be the network's or ours, so no object is deleted for ten minutes. Work goes to others all the same.`;

function heldBy(why: 'retained' | 'needed' | 'braked'): DeletionHeld | undefined {
  switch (why) {
    case 'needed':
      return { reason: 'InUse', message: 'An Objective has its files or its work here.' };
    case 'braked':
      return {
        reason: 'MassSilence',
        message: 'Over half of the fleet fell silent at once: the fault may not be its own.',
      };
    case 'retained':
      return undefined;
  }
}

/** Looks once more, at the API server itself and at what was heard, and deletes exactly what it saw there. Token and files stay. */
export async function removeEvicted(
  { deps, silence }: WagonActor,
  { metadata, spec }: ValidWagon,
): Promise<ReconcileResult | undefined> {
  const { namespace = '', name, uid } = metadata;
  const live = await deps.client.find<Wagon>(WAGONS, { namespace, name });
  const { heardAgoMs } = deps.liveness.view(namespace, name);
  const isBack = heardAgoMs !== undefined && heardAgoMs < spec.evictAfterSeconds * 1000;
  if (!live || live.metadata.uid !== uid || live.status?.phase !== 'Evicted' || isBack)
    return { requeueAfterMs: 1_000 };
  const { resourceVersion } = live.metadata;
  try {
    await deps.client.delete(
      WAGONS,
      { namespace, name },
      { preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } },
    );
  } catch (error) {
    if (error instanceof ApiError && (error.isConflict || error.isNotFound)) return { requeueAfterMs: 1_000 };
    throw error;
  }
  silence.forget(namespace, name);
  deps.logger.info('The object of an evicted wagon was deleted; its token stays', { Wagon: `${namespace}/${name}` });
  return undefined;
}
