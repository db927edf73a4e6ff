import { OBJECTIVE_FINALIZER } from '@dark-carnival/crds';
import type { Decision } from '../decision.ts';
import { openDraft } from '../draft.ts';
import { CANCEL_LIMIT_MS } from '../policies/attempts.ts';
import type { Snapshot } from '../snapshot.ts';
import { cancelActive } from './cancelling.ts';

/**
 * A deleted Objective is let go once no wagon works on it any more. A wagon that cannot be told holds it for a minute and no longer: its lease lapses
 * without us, and a deletion must not depend on a machine that is gone.
 */
export function planDeletion(snapshot: Snapshot): Decision {
  const { metadata, status } = snapshot.objective;
  const draft = openDraft(snapshot);
  const base = { prepare: [], status, events: [], phase: draft.phase } as const;
  if (!metadata.finalizers?.includes(OBJECTIVE_FINALIZER)) {
    return { ...base, effects: [], requeueAfterMs: undefined, notes: ['Is being deleted'] };
  }
  const stopped = cancelActive(snapshot, draft);
  const waitedMs = snapshot.nowMs - Date.parse(metadata.deletionTimestamp ?? '');
  if (stopped || waitedMs >= CANCEL_LIMIT_MS) {
    const spent = draft.status.spentToday;
    const note = stopped
      ? 'No wagon works on it any more'
      : 'Wagons that could not be told are not waited for any longer';
    return {
      ...base,
      prepare: spent === undefined ? [] : [{ type: 'carrySpending', spent }],
      effects: [...draft.effects, { type: 'removeFinalizer' }],
      requeueAfterMs: undefined,
      notes: [note],
    };
  }
  return { ...base, effects: draft.effects, requeueAfterMs: draft.requeueAfterMs, notes: draft.notes };
}
