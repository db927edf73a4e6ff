import type { Cause } from '../draft.ts';
import type { Snapshot } from '../snapshot.ts';
import { chainsOf } from './provider-chains.ts';

/** A reason for which an Objective is not accepted yet. It waits, and is looked at again when what is missing may have come. */
type Check = (snapshot: Snapshot) => Cause | undefined;

/** Every demand on the spec that a schema cannot make; the first that is not met is told. */
const CHECKS: readonly Check[] = [
  // Nobody could be told apart from the requester.
  ({ objective: { spec } }) =>
    spec.approval.separationOfDuties === 'Required' && spec.requestedBy === undefined
      ? { reason: 'RequesterUnknown', message: 'separationOfDuties is Required, so spec.requestedBy has to be set' }
      : undefined,
  // A chain is somebody's decision: a name in it is never skipped.
  (snapshot) => {
    const resolved = chainsOf(snapshot);
    return resolved.outcome === 'refused' ? resolved.cause : undefined;
  },
  // Half the context would give another plan than the one that was asked for.
  ({ texts }) =>
    texts !== undefined && 'missing' in texts
      ? { reason: 'ContextMissing', message: `no such text in this namespace: ${texts.missing.join(', ')}` }
      : undefined,
];

export function notAccepted(snapshot: Snapshot): Cause | undefined {
  for (const check of CHECKS) {
    const cause = check(snapshot);
    if (cause) return cause;
  }
  return undefined;
}
