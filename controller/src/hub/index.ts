import type { AddressInfo } from 'node:net';
import type { HubContext } from './hub-context.ts';
import type { HubDeps } from './hub-deps.ts';
import { buildServer } from './hub-server.ts';
import { buildInternalServer } from './internal-server.ts';
import { ObjectiveFeeds } from './live/objective-feeds.ts';
import { AccessReviews } from './security/access-reviews.ts';
import { Authenticator } from './security/authenticator.ts';
import { Identities } from './security/identities.ts';
import { LoginTickets } from './security/login-tickets.ts';
import { hostsOf } from './security/request-guards.ts';
import { Sessions } from './security/sessions.ts';
import { WagonAccess } from './wagon-access.ts';

export type { HubCache, HubDeps, HubLogger, UserClient } from './hub-deps.ts';

/** The hub: the web side of a Ringmaster. Every replica has one; it acts as whoever asks. */
export interface Hub {
  /** Begins to answer. @throws the error of the socket, such as EADDRINUSE. */
  listen(): Promise<void>;
  /** Base URL, without a trailing slash. With port 0 it is known after `listen`. */
  readonly url: string;
  /** Base URL for other replicas, after `listen`; undefined where nothing was asked for. */
  readonly internalUrl: string | undefined;
  /** Ends every stream and connection. */
  close(): Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Makes a hub that does not listen yet.
 * @throws RangeError for a host that is not loopback: without TLS, tokens would cross the network in the clear.
 */
export async function createHub(deps: HubDeps): Promise<Hub> {
  const { host, clock, randomBytes } = deps;
  if (!LOOPBACK.has(host))
    throw new RangeError(`the hub listens on loopback only, not on ${host}: there is no TLS yet`);
  let port = deps.port;
  let hosts = hostsOf(port, deps.allowedHosts ?? []);
  const url = () => `http://${host === '::1' ? '[::1]' : host}:${port}`;

  const access = new WagonAccess(deps);
  const sessions = new Sessions(clock, randomBytes);
  const identities = new Identities(deps.clientFor, clock);
  const feeds = new ObjectiveFeeds({ ...deps, access });
  const context: HubContext = {
    deps,
    access,
    feeds,
    sessions,
    tickets: new LoginTickets(clock, randomBytes),
    reviews: new AccessReviews(clock),
    authenticator: new Authenticator({ identities, sessions, clock, allowedHosts: () => hosts, port: () => port }),
    streams: new Set(),
    url,
    port: () => port,
  };
  const app = buildServer(context, () => hosts);
  const internal = deps.internal && buildInternalServer(context, deps.internal);
  await app.ready();

  return {
    async listen() {
      await app.listen({ host, port });
      port = (app.server.address() as AddressInfo).port;
      hosts = hostsOf(port, deps.allowedHosts ?? []);
      await internal?.listen();
    },
    get url() {
      return url();
    },
    get internalUrl() {
      return internal?.url;
    },
    async close() {
      feeds.close();
      await internal?.close();
      for (const stream of context.streams) stream.end();
      await app.close();
    },
  };
}
