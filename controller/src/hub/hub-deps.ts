import type { KubeObject, Objective, Wagon } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { KubeClient, Reflector } from '@dark-carnival/kube';
import type { Meter } from '@dark-carnival/telemetry';
import type { JoinTokens } from '../ports/join-tokens.ts';
import type { LeaderRelay } from '../ports/leader-relay.ts';
import type { Leadership } from '../ports/leadership.ts';
import type { Liveness } from '../ports/liveness.ts';
import type { WagonClient } from '../ports/wagon-client.ts';
import type { WagonProxy } from '../ports/wagon-proxy.ts';
import type { WagonRegistry } from '../ports/wagon-registry.ts';
import type { WagonTokens } from '../ports/wagon-tokens.ts';
import type { InternalListener } from './listening/internal-listener.ts';
import type { HubLan } from './listening/lan.ts';

/** A cache as the hub reads it. A Reflector is one; so is anything with a store and a subscription. */
export type HubCache<T extends KubeObject> = Pick<Reflector<T>, 'store' | 'subscribe' | 'hasSynced' | 'staleMs'>;

/** The Kubernetes API in one person's name: what their token may do, and nothing more. */
export type UserClient = Pick<KubeClient, 'get' | 'find' | 'create'>;

/** Where the hub writes what happened. Tokens, queries and bodies never go in. */
export interface HubLogger {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Everything that the hub needs from outside. */
export interface HubDeps {
  wagons: HubCache<Wagon>;
  objectives: HubCache<Objective>;
  /**
   * A client that acts with this bearer token and with nothing else: no client certificate, no token of the controller's own. Called once per token
   * and minute; connections should be shared.
   */
  clientFor(token: string): UserClient;
  liveness: Liveness;
  tokens: WagonTokens;
  /** Wagons that register themselves. */
  registry: WagonRegistry;
  joinTokens: JoinTokens;
  proxy: WagonProxy;
  /** Asks who answers where a wagon was last. */
  wagonClient: Pick<WagonClient, 'probe'>;
  /** The way to the leader, for heartbeats that come to another replica; absent: they are sent away. */
  relay?: LeaderRelay;
  /** Where this replica takes what others pass on, while it leads; absent: nowhere. */
  internal?: InternalListener | undefined;
  leadership: Leadership;
  clock: Clock;
  /** Source of jitter, [0, 1). */
  random: () => number;
  /** `size` bytes that nobody can guess, for tickets and sessions. */
  randomBytes(size: number): Buffer;
  logger: HubLogger;
  /** What `/metrics` tells, and where requests are counted; absent: nothing is. */
  metrics?: Meter | undefined;
  /** Namespace that routes mean without `?namespace=`. */
  namespace: string;
  /** Loopback address to listen on, in the clear. */
  host: string;
  /** Besides, a network to listen on, on the same port, with TLS; absent: none. */
  lan?: HubLan | undefined;
  /** 0: any free one. */
  port: number;
  /** Further values of the Host header that are answered, as `name` or `name:port`. The hub's own spellings always are. */
  allowedHosts?: readonly string[];
}
