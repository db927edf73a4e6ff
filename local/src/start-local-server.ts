import type { RequestListener, Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import { serverCertificate } from '@dark-carnival/tls';
import { OpenApiSite } from './discovery/openapi-site.ts';
import { EventExpiry } from './gc/event-expiry.ts';
import { GarbageCollector } from './gc/garbage-collector.ts';
import { NamespaceDeletion } from './gc/namespace-deletion.ts';
import { ApiMetrics } from './http/api-metrics.ts';
import { bearerCheck } from './http/authenticate.ts';
import { handle, type Site } from './http/handle.ts';
import type { OpenWatches } from './http/serve-watch.ts';
import type { KubeObject } from './json/kube-object.ts';
import { customResourceDefinitions } from './registry/builtin/custom-resource-definition.ts';
import { namespaces } from './registry/builtin/namespace.ts';
import { CrdController } from './registry/crd/crd-controller.ts';
import { Registry } from './registry/registry.ts';
import type { Api } from './rest/api.ts';
import { insertObject } from './rest/create.ts';
import { deleteEntry } from './rest/delete.ts';
import { type Before, recordUpdate } from './rest/field-owners.ts';
import { API_SERVER, ownWrite } from './rest/own-writes.ts';
import { RevisionStore } from './store/revision-store.ts';
import { Snapshots } from './store/snapshots.ts';
import { StorageError } from './store/storage-error.ts';
import { WatchHub } from './watch/watch-hub.ts';

/** How a local server is started. Every member but `store` and `token` has a default. */
export interface LocalServerOptions {
  /** A SQLite file (one process at a time), or a store that ends with the server. */
  store: { path: string } | 'memory';
  /** The bearer token that everything but health and version needs. */
  token: string;
  /** Address to listen on; default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Serve https: the folder keeps a CA and a server certificate, made at first start. Without it plain http, for tests. */
  tls?: { dir: string };
  /** The name behind the token. */
  username?: string;
  clock?: Clock;
  /** [0, 1). */
  random?: () => number;
  newUid?: () => string;
  /** Mean time between bookmarks of a watch, milliseconds; default 60,000. */
  bookmarkIntervalMs?: number;
  /** Revisions kept behind the newest for watches that resume and lists that continue; default 10,000. */
  historyLimit?: number;
  /** Least time after which a watch without its own timeout ends, milliseconds; default 30 minutes. */
  watchTimeoutMs?: number;
  /** Runs background work after the present turn of the event loop; default setImmediate. */
  defer?: (run: () => void) => void;
  /** Hears faults of the server itself. Default: standard error. */
  onFault?: (error: unknown) => void;
}

/** A running local server. */
export interface LocalServer {
  /** Such as https://127.0.0.1:6443, without a slash at the end. */
  url: string;
  /** The CA to trust, PEM; undefined for plain http. */
  caPem: string | undefined;
  store: RevisionStore;
  /** Serves a connection that comes on another way than the port: the simulator's stay inside the process. */
  accept(connection: Duplex): void;
  /** Forgets all history at once: a watch or list from an older revision gets 410. */
  compact(): void;
  /** Ends open watches and requests, then closes the store. */
  close(): Promise<void>;
}

const MiB = 1024 * 1024;

/** As the real server: clients keep connections for longer than Node's 5 s, and would find them closed under their next request. */
const KEEP_ALIVE_MS = 180_000;

/** How soon work behind the writes is tried again that a full disk refused. */
const STORAGE_RETRY_MS = 1000;

/** Starts the server. @throws LogInUseError, UnusableLogError, StorageError, or the system's error when the port cannot be had */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { host = '127.0.0.1', port = 0, onFault = (error) => console.error('local engine:', error) } = options;
  const defer = options.defer ?? ((run) => void setImmediate(run));
  const registry = new Registry();
  const store = new RevisionStore({
    path: options.store === 'memory' ? ':memory:' : options.store.path,
    attributesOf: (resource, object) => registry.attributesOf(resource, object),
    historyLimit: options.historyLimit ?? 10_000,
    cacheBytes: 2 * MiB,
    defer,
    onFault,
  });
  try {
    const api: Api = {
      store,
      registry,
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      newUid: options.newUid ?? (() => crypto.randomUUID()),
    };
    const stopControllers = startControllers(api, defer, onFault);
    createNamespaces(api);
    const snapshots = options.store === 'memory' ? undefined : new Snapshots(store, options.store.path, api.newUid);
    const site = siteOf(api, options, snapshots, onFault);
    const tls = options.tls ? await serverCertificate(options.tls.dir, api.clock.now()) : undefined;
    const listener: RequestListener = (request, response) => void handle(site, request, response);
    const server = tls
      ? createHttpsServer({ cert: tls.certPem, key: tls.keyPem }, listener)
      : // Only tests serve http, and an import of node:http costs each process 14 MB: it loads Node's fetch.
        process.getBuiltinModule('node:http').createServer(listener);
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    await listen(server, port, host);
    const { port: actual } = server.address() as AddressInfo;
    const url = `${tls ? 'https' : 'http'}://${host}:${actual}`;
    return {
      url,
      caPem: tls?.caPem,
      store,
      accept: (connection) => void server.emit('connection', connection),
      compact: () => store.compact(store.revision),
      close: () =>
        close(server, site.watches, store, async () => {
          stopControllers();
          await snapshots?.atRest();
        }),
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Starts what works behind the writes. @returns a function that stops it */
function startControllers(api: Api, defer: (run: () => void) => void, onFault: (error: unknown) => void): () => void {
  const { store, registry, clock } = api;
  let isStopped = false;
  // One object that a controller stumbles over must not take the server down, and what the disk refuses is only put off.
  const later = (run: () => void) =>
    defer(() => {
      try {
        if (!isStopped) run();
      } catch (error) {
        if (error instanceof StorageError) clock.setTimeout(() => later(run), STORAGE_RETRY_MS);
        else onFault(error);
      }
    });
  const deleteInstances = (storage: string) => {
    const resource = registry.stored(storage);
    if (!resource) return;
    for (const entry of store.entries(storage)) deleteEntry(api, resource, entry, { dryRun: false });
  };
  const recordStatus = (object: KubeObject, before: Before) =>
    recordUpdate(api, customResourceDefinitions, 'status', object, before, API_SERVER);
  new CrdController({ store, registry, clock, defer: later, deleteInstances, recordStatus, onFault });
  new GarbageCollector(api, later);
  new NamespaceDeletion(api, later);
  const expiry = new EventExpiry(api);
  return () => {
    isStopped = true;
    expiry.close();
  };
}

function createNamespaces(api: Api): void {
  for (const name of ['default', 'kube-system']) {
    if (api.store.entry(namespaces.storage, name)) continue;
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    insertObject(api, namespaces, '', { object }, ownWrite());
  }
}

function siteOf(
  api: Api,
  options: LocalServerOptions,
  snapshots: Snapshots | undefined,
  onFault: (error: unknown) => void,
): Site {
  const openApi = new OpenApiSite(api.registry, api.store);
  const hub = new WatchHub(api.store);
  const file = options.store === 'memory' ? undefined : options.store.path;
  return {
    api,
    hub,
    metrics: new ApiMetrics({ store: api.store, hub, file }),
    watches: new Set(),
    watchSettings: {
      bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
      timeoutMs: options.watchTimeoutMs ?? 30 * 60_000,
      maxBacklogBytes: 16 * MiB,
    },
    isAuthorized: bearerCheck(options.token),
    caller: { username: options.username ?? 'admin', groups: ['system:masters', 'system:authenticated'] },
    openApi: (path) => openApi.document(path),
    takeSnapshot: snapshots && (() => snapshots.take()),
    onFault,
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function close(
  server: Server,
  watches: OpenWatches,
  store: RevisionStore,
  stopWork: () => Promise<void>,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const watch of watches) watch.end();
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), 1000);
  await closed;
  clearTimeout(force);
  await stopWork();
  store.close();
}
