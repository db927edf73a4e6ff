import type { HubContext } from './hub-context.ts';
import type { HubDeps } from './hub-deps.ts';
import { buildServer, REQUEST_TIMEOUT_MS } from './hub-server.ts';
import { buildInternalServer } from './internal-server.ts';
import { HubDoor } from './listening/hub-door.ts';
import { ObjectiveFeeds } from './live/objective-feeds.ts';
import { AccessReviews } from './security/access-reviews.ts';
import { Authenticator } from './security/authenticator.ts';
import { Identities } from './security/identities.ts';
import { LoginTickets } from './security/login-tickets.ts';
import { Sessions } from './security/sessions.ts';
import { WagonAccess } from './wagon-access.ts';

export type { HubCache, HubDeps, HubLogger, UserClient } from './hub-deps.ts';
export { type HubLan, lanNames } from './listening/lan.ts';

/** The hub: the web side of a Ringmaster. Every replica has one; it acts as whoever asks. */
export interface Hub {
  /** Begins to answer. @throws the error of the socket, such as EADDRINUSE. */
  listen(): Promise<void>;
  /** Base URL, without a trailing slash. With port 0 it is known after `listen`. */
  readonly url: string;
  /** How others reach it, and know it; undefined where it is on loopback alone. */
  readonly lan: { url: string; fingerprint: string } | undefined;
  /** Base URL for other replicas, after `listen`; undefined where nothing was asked for. */
  readonly internalUrl: string | undefined;
  /** Ends every stream and connection. */
  close(): Promise<void>;
}

/**
 * Makes a hub that does not listen yet.
 * @throws RangeError for a host that is not loopback: without TLS, tokens would cross the network in the clear.
 */
export async function createHub(deps: HubDeps): Promise<Hub> {
  const { clock, randomBytes } = deps;
  const door = new HubDoor({ ...deps, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  const hostsAt = (localAddress: string) => door.hostsAt(localAddress);
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
    authenticator: new Authenticator({ identities, sessions, clock, allowedHosts: hostsAt, port: () => door.port }),
    streams: new Set(),
    joinAddress: () => door.joinAddress,
    port: () => door.port,
  };
  const app = buildServer(context, hostsAt, door.serverFactory);
  const internal = deps.internal && buildInternalServer(context, deps.internal);
  await app.ready();

  return {
    async listen() {
      await door.listen(app);
      await internal?.listen();
    },
    get url() {
      return door.url;
    },
    get lan() {
      return door.lan;
    },
    get internalUrl() {
      return internal?.url;
    },
    async close() {
      feeds.close();
      await internal?.close();
      for (const stream of context.streams) stream.end();
      door.close();
      await app.close();
    },
  };
}
