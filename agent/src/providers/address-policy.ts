import { BlockList, isIP } from 'node:net';
import { embeddedIPv4 } from './endpoint-guard.ts';

/** Which private places providers may be at. */
export interface AddressPolicy {
  /** `Allowed`: this machine's own network is the people's who run it (local mode). `Listed`: only within `allowedCIDRs` (in a cluster). */
  privateRanges: 'Allowed' | 'Listed';
  /** Such as 10.20.0.0/16 or fd00:1::/64. What is not a range is passed over. */
  allowedCIDRs?: readonly string[];
}

export const LOCAL_MODE: AddressPolicy = { privateRanges: 'Allowed' };

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6');

/** Whether an address is of a private or loopback range that the policy does not allow. */
export function isForbiddenPrivate(address: string, policy: AddressPolicy): boolean {
  if (policy.privateRanges === 'Allowed') return false;
  const plain = (isIP(address) === 6 ? embeddedIPv4(address) : undefined) ?? address.split('%')[0] ?? address;
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  return PRIVATE.check(plain, family) && !listOf(policy.allowedCIDRs ?? []).check(plain, family);
}

/** Whether a text is a range such as 10.20.0.0/16 or fd00:1::/64. */
export const isCIDR = (range: string): boolean => readCIDR(range) !== undefined;

function readCIDR(range: string): { network: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [network = '', prefix = '', ...rest] = range.split('/');
  const version = isIP(network);
  const bits = Number(prefix);
  if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix) || bits > (version === 6 ? 128 : 32))
    return undefined;
  return { network, bits, family: version === 6 ? 'ipv6' : 'ipv4' };
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const read = readCIDR(range);
    if (read) list.addSubnet(read.network, read.bits, read.family);
  }
  return list;
}
