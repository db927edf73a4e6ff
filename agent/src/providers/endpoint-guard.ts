import { BlockList, isIP } from 'node:net';

/**
 * Addresses that no provider may have, whatever its name resolves to: link-local ranges with the metadata services of clouds, and the
 * unspecified and multicast addresses. A ModelProvider is written by people who may not read a node's credentials.
 */
const REFUSED = new BlockList();
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4');
REFUSED.addSubnet('0.0.0.0', 8, 'ipv4');
REFUSED.addSubnet('224.0.0.0', 4, 'ipv4');
REFUSED.addAddress('100.100.100.200', 'ipv4'); // Alibaba Cloud metadata
REFUSED.addAddress('192.0.0.192', 'ipv4'); // Oracle Cloud metadata, classic
REFUSED.addAddress('168.63.129.16', 'ipv4'); // Azure host services
REFUSED.addSubnet('fe80::', 10, 'ipv6');
REFUSED.addSubnet('ff00::', 8, 'ipv6');
REFUSED.addAddress('::', 'ipv6');
REFUSED.addAddress('fd00:ec2::254', 'ipv6'); // AWS metadata over IPv6
REFUSED.addAddress('fd20:ce::254', 'ipv6'); // Google Cloud metadata over IPv6

const METADATA_HOSTS = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
]);

/** Whether a resolved address may never be connected to. Anything that is no address is refused too. */
export function isRefusedAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return REFUSED.check(address, 'ipv4');
  if (family !== 6) return true;
  const embedded = embeddedIPv4(address);
  return REFUSED.check(address, 'ipv6') || (embedded !== undefined && REFUSED.check(embedded, 'ipv4'));
}

/** The IPv4 address that an IPv6 one leads to: IPv4-mapped, IPv4-compatible, NAT64 or 6to4. */
export function embeddedIPv4(address: string): string | undefined {
  const canonical = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const tail = /^(?:::ffff:|::|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  const sixToFour = /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/.exec(canonical);
  const groups = tail ?? sixToFour;
  if (!groups) return undefined;
  const high = Number.parseInt(groups[1] ?? '0', 16);
  const low = Number.parseInt(groups[2] ?? '0', 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/**
 * Says why a URL may not be called, or nothing. Names are judged again by the addresses that they resolve to, when connecting.
 * @param refusedHosts `host:port` pairs of our own that no provider may point at.
 */
export function refusedURLReason(url: URL, refusedHosts: readonly string[]): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `${url.protocol} is not http or https`;
  if (url.username !== '' || url.password !== '') return 'it carries credentials in the URL';
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (METADATA_HOSTS.has(host)) return `${host} is a metadata service`;
  if (isIP(host) !== 0 && isRefusedAddress(host)) return `${host} is a link-local or metadata address`;
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  if (refusedHosts.includes(`${host}:${port}`)) return `${host}:${port} is a service of the control plane`;
  return undefined;
}
