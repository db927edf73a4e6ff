import type { ProviderChain } from '@dark-carnival/crds';
import type { Snapshot } from '../snapshot.ts';
import type { AttemptOver } from './job-verdict.ts';
import { place } from './placement.ts';

/**
 * An attempt whose key was refused fails for good: another would be refused too. But where no wagon reaches anybody of these chains the work waits, as it would
 * have if it had not begun: keys are exchanged while they are in use, and the new one may be on its way.
 */
export function afterRefusedKey(over: AttemptOver, chains: readonly ProviderChain[], snapshot: Snapshot): AttemptOver {
  if (over.cause.reason !== 'Unauthorized') return over;
  const placement = place({ spec: snapshot.objective.spec, chains }, snapshot.wagons.values());
  const nobody = placement.outcome === 'queued' && placement.cause.reason === 'NoHealthyProvider';
  return nobody ? { ...over, retryable: true, lost: true } : over;
}
