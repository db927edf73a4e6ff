import type { ReconcileContext } from '../../runtime/controller.ts';
import type { ReconcileResult } from '../../runtime/outcome.ts';
import { type Actor, apply } from './apply.ts';
import { gather } from './gather.ts';
import { decide } from './plan.ts';
import type { JobObservation } from './snapshot.ts';
import { wagonFacts } from './wagon-facts.ts';

/** Decisions in one reconcile. More would be a circle; the rest comes with the next one. */
const MAX_PASSES = 12;

/**
 * Brings one Objective on: gather, decide, act, as long as acting changed something. What a pass has learnt by acting (a wagon took the round) is decided on at
 * once, so an instant wagon is not slowed down by notifications.
 */
export async function reconcileObjective(
  actor: Actor,
  key: string,
  { signal, logger }: ReconcileContext,
): Promise<ReconcileResult | undefined> {
  const seen = new Map<string, JobObservation>();
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    signal.throwIfAborted();
    const object = actor.state.latest.get(key);
    if (!object) {
      actor.state.latest.forget(key);
      return undefined;
    }
    const gathered = await gather(actor, object, seen);
    signal.throwIfAborted();
    // Read in the turn of the loop in which they are booked: of several that wake at once each must see what the one before has taken.
    const snapshot = { ...gathered, wagons: wagonFacts(actor.deps, actor.state, gathered.objective) };
    const decision = decide(snapshot);
    const applied = await apply(actor, object, decision);
    if (decision.notes.length > 0) logger.debug('Decided', { phase: decision.phase, notes: decision.notes });
    for (const [id, observation] of [...snapshot.jobs, ...applied.seen]) seen.set(id, observation);
    const { requeueAfterMs } = decision;
    if (!applied.changed) return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
  }
  return { requeueAfterMs: 0 };
}
