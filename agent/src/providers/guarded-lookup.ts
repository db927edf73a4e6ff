import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type AddressPolicy, isForbiddenPrivate, LOCAL_MODE } from './address-policy.ts';
import { isRefusedAddress } from './endpoint-guard.ts';

/** A name that leads where no provider may be. */
export class RefusedAddress extends Error {}

/** Finds every address of a name, as `dns.lookup` does. */
export type ResolveAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What addresses are judged by, where a connection to a port is made. */
export interface LookupRules {
  policy?: AddressPolicy;
  /** Addresses of the control plane at this port. */
  refused?: ReadonlySet<string>;
}

/** Why an address may not be connected to, or nothing. */
export function refusedAddressReason(
  address: string,
  { policy = LOCAL_MODE, refused }: LookupRules,
): string | undefined {
  if (isRefusedAddress(address)) return 'which is refused';
  if (refused?.has(address)) return 'which is a service of the control plane';
  return isForbiddenPrivate(address, policy)
    ? 'a private address that providers.allowedCIDRs does not allow'
    : undefined;
}

/**
 * A lookup for connections that refuses a name when any of its addresses is one that may not be called. It is asked where the connection is
 * made, and the connection goes to the addresses that were judged, so a name cannot change between check and use.
 */
export function guardedLookup(resolve: ResolveAll = lookup, rules: LookupRules = {}): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const reasons = error ? [] : addresses.map(({ address }) => refusedAddressReason(address, rules));
      const at = reasons.findIndex((reason) => reason !== undefined);
      if (!error && addresses.length === 0) {
        callback(Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' }), []);
      } else if (at >= 0) {
        callback(new RefusedAddress(`${hostname} resolves to ${addresses[at]?.address}, ${reasons[at]}`), []);
      } else if (error || options.all) {
        callback(error, addresses);
      } else {
        const [first] = addresses;
        callback(null, first?.address ?? '', first?.family ?? 4);
      }
    });
  };
}

/** The addresses that `host:port` pairs have at a port: names are resolved, what does not resolve is nowhere. */
export async function addressesAt(
  port: number,
  pairs: readonly string[],
  resolve: ResolveAll,
): Promise<ReadonlySet<string>> {
  const hosts = pairs.flatMap((pair) => {
    const at = pair.lastIndexOf(':');
    return Number(pair.slice(at + 1)) === port ? [pair.slice(0, at).replace(/^\[|\]$/g, '')] : [];
  });
  const found = await Promise.all(hosts.map((host) => (isIP(host) === 0 ? resolved(host, resolve) : [host])));
  return new Set(found.flat());
}

const resolved = (host: string, resolve: ResolveAll): Promise<string[]> =>
  new Promise((done) =>
    resolve(host, { all: true }, (error, found) => done(error ? [] : found.map(({ address }) => address))),
  );
