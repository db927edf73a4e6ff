import { createHash } from 'node:crypto';
import type { Pool } from 'undici';
import type { ClusterConfig, Credentials } from '../config/cluster-config.ts';
import { createPool } from './dispatchers.ts';

/** Upper bound of connections to one API server: 32 workers, a watch per kind, and the hub's users. */
const MAX_CONNECTIONS = 128;
const KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

interface Shared {
  readonly pool: Pool;
  users: number;
}

/** The connection pool of one transport, for as long as it is held. */
export interface PoolLease {
  readonly pool: Pool;
  /** Gives the pool back; with its last user its idle connections end, and requests under way finish. */
  release(): void;
}

/**
 * Connection pools, one per server and TLS identity: client-node opens a TLS connection for every call (kubernetes-client/javascript#2893). The key is the
 * *content* of CA, certificate and key, so a rotated certificate gets new connections. The token is not part of it: it is a header, and
 * connections carry no identity from it.
 */
export class PoolRegistry {
  readonly #pools = new Map<string, Shared>();

  /** Number of pools that are held. */
  get size(): number {
    return this.#pools.size;
  }

  acquire(config: ClusterConfig, credentials: Credentials): PoolLease {
    const key = poolKey(config, credentials);
    const shared = this.#pools.get(key) ?? { pool: openPool(config, credentials), users: 0 };
    this.#pools.set(key, shared);
    shared.users += 1;
    let released = false;
    return {
      pool: shared.pool,
      release: () => {
        if (released) return;
        released = true;
        shared.users -= 1;
        if (shared.users > 0) return;
        this.#pools.delete(key);
        // Waits for requests under way; a watch on an old certificate may go on until the server ends it.
        shared.pool.close().catch(() => {});
      },
    };
  }
}

/** The pools of this process. */
export const sharedPools = new PoolRegistry();

function poolKey(config: ClusterConfig, { ca, clientCertificate, clientKey }: Credentials): string {
  const parts = [config.server, config.tlsServerName, config.insecureSkipTlsVerify, ca, clientCertificate, clientKey];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

function openPool(config: ClusterConfig, { ca, clientCertificate, clientKey }: Credentials): Pool {
  return createPool(new URL(config.server).origin, {
    connections: MAX_CONNECTIONS,
    // One request at a time per connection: a watch would block whatever is queued behind it.
    pipelining: 1,
    // node:http2 costs more CPU per small call than keep-alive HTTP/1.1.
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Deadlines are ours, by the injected clock; undici's own are off.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      rejectUnauthorized: !config.insecureSkipTlsVerify,
      ...(ca === undefined ? {} : { ca }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
      ...(clientKey === undefined ? {} : { key: clientKey }),
      ...(config.tlsServerName === undefined ? {} : { servername: config.tlsServerName }),
    },
  });
}
