import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** How a hub is reached over a network. */
export interface HubLan {
  /** Address to listen on besides loopback: one of this machine's, or `0.0.0.0` or `::` for all. */
  host: string;
  /** Further names and addresses that people use for it; the first is the one that is told to others. */
  names: readonly string[];
  certPem: string;
  keyPem: string;
  /** Of the certificate: what those who join pin. */
  fingerprint: string;
}

const everyInterface = () => Object.values(networkInterfaces()).flatMap((each) => each ?? []);

export const isEveryAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** An address as it stands in a URL. */
export const urlHost = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address);

/** Names and addresses of this machine, for its certificate. */
export function lanNames({ host, names }: Pick<HubLan, 'host' | 'names'>): string[] {
  const own = [hostname(), 'localhost', ...everyInterface().map(({ address }) => address)];
  return [...new Set([...names, ...(isEveryAddress(host) ? [] : [host]), ...own])];
}

/** Names, as opposed to addresses, that the hub answers to: an address is known by the connection that came to it. */
export const hostNames = ({ names }: Pick<HubLan, 'names'>): string[] => [
  ...names.map((name) => (name.includes(':') ? urlHost(name) : name)),
  hostname(),
  `${hostname()}.local`,
];

/** What others are told: the first name, else the address, else the first one of this machine that is not loopback. */
export function lanUrl({ host, names }: Pick<HubLan, 'host' | 'names'>, port: number): string {
  const first = everyInterface().find(({ family, internal }) => family === 'IPv4' && !internal);
  const [name = isEveryAddress(host) ? (first?.address ?? '127.0.0.1') : host] = names;
  return `https://${urlHost(name)}:${port}`;
}
