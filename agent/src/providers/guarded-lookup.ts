import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isRefusedAddress } from './endpoint-guard.ts';

/** A name that leads where no provider may be. */
export class RefusedAddress extends Error {}

/** Finds every address of a name, as `dns.lookup` does. */
export type ResolveAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A lookup for connections that refuses a name when any of its addresses is one that may not be called. It is asked where the connection is
 * made, so a name cannot change between check and use.
 */
export function guardedLookup(resolve: ResolveAll = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const refused = error ? undefined : addresses.find(({ address }) => isRefusedAddress(address));
      if (refused) {
        callback(new RefusedAddress(`${hostname} resolves to ${refused.address}, which is refused`), []);
      } else if (error || options.all) {
        callback(error, addresses);
      } else {
        const [first] = addresses;
        callback(null, first?.address ?? '', first?.family ?? 4);
      }
    });
  };
}
