import { hostname, networkInterfaces } from 'node:os';

const everyInterface = () => Object.values(networkInterfaces()).flatMap((each) => each ?? []);

/** The names and addresses that a certificate for this machine should have. */
export function ownNames(host: string): string[] {
  return [...new Set([host, hostname(), 'localhost', ...everyInterface().map(({ address }) => address)])].filter(
    (name) => name !== '0.0.0.0' && name !== '::',
  );
}

/**
 * The address of this machine that packets to a hub leave from, as the system would route them; nothing is sent. Of several networks it is the one that the hub
 * can answer to.
 * @returns the first address that is not loopback where there is no hub or no route to it.
 */
export async function localAddressTowards(url: string | undefined): Promise<string> {
  const routed = url === undefined ? undefined : await routedFrom(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'));
  const first = everyInterface().find(({ family, internal }) => family === 'IPv4' && !internal);
  return routed ?? first?.address ?? '127.0.0.1';
}

function routedFrom(host: string): Promise<string | undefined> {
  const { createSocket } = process.getBuiltinModule('node:dgram');
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const end = (address: string | undefined) => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => end(undefined));
    // A datagram socket that is connected has a route and a source address, and has said nothing to anybody.
    socket.once('connect', () => end(socket.address().address)).connect(9, host);
  });
}
