import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { isLoopbackHost, type JoinToken } from '@dark-carnival/crds';
import type { FastifyInstance, FastifyServerFactory } from 'fastify';
import { hostsOf } from '../security/request-guards.ts';
import { type HubLan, hostNames, isEveryAddress, lanUrl, urlHost } from './lan.ts';
import { createTwoWayServer, type TwoWayServer } from './two-way-server.ts';

export interface DoorOptions {
  /** Loopback address. */
  host: string;
  /** 0: any free one. */
  port: number;
  /** Absent: loopback alone, in the clear. */
  lan?: HubLan | undefined;
  /** Further values of Host. */
  allowedHosts?: readonly string[] | undefined;
  requestTimeoutMs: number;
}

/** Where the hub listens, and under which names: loopback in the clear, a network by TLS, on one port. */
export class HubDoor {
  readonly #options: DoorOptions;
  readonly #hosts = new Map<string, ReadonlySet<string>>();
  #port: number;
  #twoWay: TwoWayServer | undefined;
  #second: Server | undefined;

  /** @throws RangeError for a host that is not loopback: without TLS, tokens would cross the network in the clear. */
  constructor(options: DoorOptions) {
    if (!isLoopbackHost(options.host)) {
      throw new RangeError(
        `plain http is for loopback, not for ${options.host}: listen there with --listen ${options.host}`,
      );
    }
    this.#options = options;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  /** For this machine. */
  get url(): string {
    return `http://${urlHost(this.#options.host)}:${this.#port}`;
  }

  /** For others; undefined on loopback alone. */
  get lan(): { url: string; fingerprint: string } | undefined {
    const { lan } = this.#options;
    return lan && { url: lanUrl(lan, this.#port), fingerprint: lan.fingerprint };
  }

  /** What those who join have to know. */
  get joinAddress(): Pick<JoinToken, 'url' | 'fingerprint'> {
    return this.lan ?? { url: this.url };
  }

  /** Values of Host that are ours, in a request that came to this address of ours: whatever an interface is called tomorrow, it is known by its connection. */
  hostsAt(localAddress: string): ReadonlySet<string> {
    const address = localAddress.replace(/^::ffff:/i, '');
    const known = this.#hosts.get(address);
    if (known) return known;
    const { allowedHosts = [], lan } = this.#options;
    const names = lan ? [urlHost(address), ...hostNames(lan)] : [];
    const hosts = hostsOf(this.#port, allowedHosts, names);
    this.#hosts.set(address, hosts);
    return hosts;
  }

  /** How Fastify makes its server; undefined: as ever. */
  get serverFactory(): FastifyServerFactory | undefined {
    const { lan, requestTimeoutMs } = this.#options;
    if (!lan) return undefined;
    return (handler) => {
      this.#twoWay = createTwoWayServer({ ...lan, requestTimeoutMs }, handler);
      return this.#twoWay.server;
    };
  }

  /** @throws the error of the socket, such as EADDRINUSE. */
  async listen(app: FastifyInstance): Promise<void> {
    const { host, port, lan } = this.#options;
    const first = lan && isEveryAddress(lan.host) ? lan.host : host;
    await app.listen({ host: first, port });
    this.#port = (app.server.address() as AddressInfo).port;
    this.#hosts.clear();
    const twoWay = this.#twoWay;
    if (lan && twoWay && first !== lan.host) this.#second = await listenOn(lan.host, this.#port, twoWay);
  }

  /** Ends what Fastify does not know of. */
  close(): void {
    this.#second?.close();
    this.#twoWay?.dropAll();
  }
}

function listenOn(host: string, port: number, { take }: TwoWayServer): Promise<Server> {
  const server = createServer(take);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => resolve(server));
  });
}
