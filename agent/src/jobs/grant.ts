import type { Assignment } from '@dark-carnival/crds';
import { fromMicroUSD, toMicroUSD } from '../journal/money.ts';
import type { Reservation } from '../journal/step-store.ts';

/**
 * Says why a call does not fit into what an assignment may still spend, or nothing. `booked` is all that counts against the grant: settled,
 * unsettled and in flight.
 */
export function grantShortage(
  grant: Assignment['grant'],
  booked: Reservation,
  wanted: Reservation,
): string | undefined {
  if (grant.tokens !== undefined && booked.tokens + wanted.tokens > grant.tokens) {
    const left = Math.max(0, grant.tokens - booked.tokens);
    return `the next call may take ${wanted.tokens} tokens, and ${left} of the grant of ${grant.tokens} are left`;
  }
  if (grant.costUSD !== undefined && booked.microUSD + wanted.microUSD > toMicroUSD(grant.costUSD)) {
    const left = fromMicroUSD(Math.max(0, toMicroUSD(grant.costUSD) - booked.microUSD));
    return `the next call may cost $${fromMicroUSD(wanted.microUSD)}, and $${left} of the grant of $${grant.costUSD} are left`;
  }
  return undefined;
}
