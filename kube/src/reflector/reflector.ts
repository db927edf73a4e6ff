import type { KubeObject, ResourceRef } from '@dark-carnival/crds';
import { type Clock, sleep, systemClock } from '@dark-carnival/crds/clock';
import { Backoff } from '../backoff.ts';
import { ApiError } from '../client/api-error.ts';
import { type KubeClient, PAGE_SIZE, type Selection } from '../client/kube-client.ts';
import { MalformedEventError, type WatchEvent } from '../client/watch-event.ts';
import { TransportError } from '../transport/transport.ts';
import { CacheWriter, stripManagedFields, type Transform } from './cache-writer.ts';
import { HandlerSet, type ReflectorHandler } from './handlers.ts';
import type { ReflectorReport } from './report.ts';
import { compareResourceVersions } from './resource-version.ts';
import { type Indexer, objectKey, type ReadonlyStore, Store } from './store.ts';
import { runWatchSession } from './watch-session.ts';

export interface ReflectorOptions<T extends KubeObject> extends Selection {
  indexers?: Readonly<Record<string, Indexer<T>>>;
  /** Default: stripManagedFields. */
  transform?: Transform<T>;
  /** Objects per page of a list. */
  pageSize?: number;
  /**
   * Default 70,000: servers send a bookmark about every 60 s and forget events after 75 s, so the limit lies between (Kopf, configuration.py).
   */
  inactivityMs?: number;
  /** Waits between failed attempts. Default 200 to 4,000 ms: back within 5 s of any fault's end. */
  backoff?: { baseMs: number; maxMs: number };
  clock?: Clock;
  random?: () => number;
  onReport?: (report: ReflectorReport) => void;
}

/** A watch that lived this long was healthy, and its end is no failure. */
const HEALTHY_MS = 5_000;
/** So many unreadable lines in a row at one place are not an accident of the network: go around it by a list. */
const MALFORMED_LIMIT = 3;
/** Servers may ask us to stay away this long at most. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Keeps a cache of one resource equal to the server's: paged list, then watches, for ever. No fault stops it, only stop(). It is what
 * client-node's informer is not (client-node-defects.test.ts).
 */
export class Reflector<T extends KubeObject> {
  readonly resource: ResourceRef;
  readonly #client: KubeClient;
  readonly #options: ReflectorOptions<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #store: Store<T>;
  readonly #handlers: HandlerSet<T>;
  readonly #writer: CacheWriter<T>;
  readonly #backoff: Backoff;
  readonly #stopping = new AbortController();
  readonly #syncWaiters: ((synced: boolean) => void)[] = [];
  #running: Promise<void> | undefined;
  #synced = false;
  /** undefined: a list is due. */
  #resourceVersion: string | undefined;
  /** The last list took so long that its continue token expired. */
  #listInOnePiece = false;
  #malformedInARow = 0;
  #lastContact: number;

  constructor(client: KubeClient, resource: ResourceRef, options: ReflectorOptions<T> = {}) {
    const { clock = systemClock, random = Math.random, backoff = { baseMs: 200, maxMs: 4_000 } } = options;
    this.#client = client;
    this.resource = resource;
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#store = new Store(options.indexers);
    this.#handlers = new HandlerSet((error) => this.#report({ kind: 'handler-failed', error }));
    this.#writer = new CacheWriter(this.#store, this.#handlers, options.transform ?? stripManagedFields);
    this.#backoff = new Backoff({ ...backoff, random });
    this.#lastContact = clock.monotonic();
  }

  /** The cache. Empty until synced. */
  get store(): ReadonlyStore<T> {
    return this.#store;
  }

  /** The first list is in the cache. */
  get hasSynced(): boolean {
    return this.#synced;
  }

  /** Milliseconds since the server last said anything (list, event, bookmark): how stale the cache may be. On a quiet kind up to a minute. */
  staleMs(): number {
    return this.#clock.monotonic() - this.#lastContact;
  }

  /** Subscribes; objects that are already in the cache are told at once, as initial. @returns the way to unsubscribe. */
  subscribe(handler: ReflectorHandler<T>): () => void {
    for (const object of this.#store.values()) this.#handlers.replay(handler, object, { initial: true });
    return this.#handlers.add(handler);
  }

  /**
   * Reads its own writes: puts what a write answered into the cache, and tells the handlers, before the watch does (whose echo is then old news). Only
   * an object that the cache has, of the same uid and an older version: an object may be gone by now, and must not come back.
   */
  observe(object: T): void {
    const known = this.#store.get(objectKey(object));
    if (this.#stopping.signal.aborted || known?.metadata.uid !== object.metadata.uid || known === undefined) return;
    this.#writer.event({ type: 'MODIFIED', object });
  }

  /** Begins; again: nothing more. @throws TypeError after stop: a stopped reflector stays stopped. */
  start(): void {
    if (this.#stopping.signal.aborted) throw new TypeError('a stopped reflector does not start again: make a new one');
    this.#running ??= this.#run();
  }

  /** Ends the watch, also one that is just connecting. No handler is called afterwards, and nothing is reported as an error. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const resolve of this.#syncWaiters.splice(0)) resolve(this.#synced);
    await this.#running;
  }

  /** Resolves with true once the first list is in the cache and all handlers were called for it; with false when stopped before. */
  synced(): Promise<boolean> {
    if (this.#synced || this.#stopping.signal.aborted) return Promise.resolve(this.#synced);
    return new Promise((resolve) => this.#syncWaiters.push(resolve));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const during = this.#resourceVersion === undefined ? 'list' : 'watch';
      const began = this.#clock.monotonic();
      let retryInMs = 0;
      try {
        if (this.#resourceVersion === undefined) this.#resourceVersion = await this.#list();
        else retryInMs = await this.#watch(this.#resourceVersion, began);
      } catch (error) {
        if (signal.aborted) return;
        if (during === 'watch') this.#noteHealth(began);
        retryInMs = this.#recover(during, error);
      }
      if (retryInMs > 0) await sleep(this.#clock, retryInMs, signal);
    }
  }

  /** @returns the resourceVersion to watch from. */
  async #list(): Promise<string> {
    const { namespace, labelSelector, fieldSelector, pageSize = PAGE_SIZE } = this.#options;
    const { signal } = this.#stopping;
    const began = this.#clock.monotonic();
    const listed = new Set<string>();
    const initial = !this.#synced;
    let resourceVersion = '';
    let pages = 0;
    const limit = this.#listInOnePiece ? 0 : pageSize;
    const selection = { namespace, labelSelector, fieldSelector, limit, signal };
    for await (const page of this.#client.pages<T>(this.resource, selection)) {
      signal.throwIfAborted();
      this.#lastContact = this.#clock.monotonic();
      for (const object of page.items) {
        if (typeof object.metadata?.name !== 'string') continue;
        listed.add(objectKey(object));
        this.#writer.list(object, { initial });
      }
      resourceVersion = page.metadata.resourceVersion ?? resourceVersion;
      pages += 1;
    }
    this.#writer.retain(listed);
    this.#listInOnePiece = false;
    this.#markSynced();
    const tookMs = this.#clock.monotonic() - began;
    this.#report({ kind: 'listed', items: listed.size, pages, resourceVersion, tookMs });
    return resourceVersion;
  }

  #markSynced(): void {
    this.#synced = true;
    for (const resolve of this.#syncWaiters.splice(0)) resolve(true);
  }

  /** @returns how long to wait before the next attempt, 0 after a healthy watch. */
  async #watch(resourceVersion: string, began: number): Promise<number> {
    const { namespace, labelSelector, fieldSelector, inactivityMs = 70_000 } = this.#options;
    const end = await runWatchSession<T>({
      client: this.#client,
      resource: this.resource,
      selection: { namespace, labelSelector, fieldSelector },
      resourceVersion,
      // Spread out, so that the watches of all kinds are not renewed at the same moment (client-go: 5 to 10 min).
      timeoutSeconds: Math.round(300 + 300 * this.#random()),
      inactivityMs,
      clock: this.#clock,
      signal: this.#stopping.signal,
      onEvent: (event) => this.#onEvent(event),
    });
    if (end.reason === 'stopped') return 0;
    if (end.reason === 'inactive') this.#report({ kind: 'inactive', idleMs: end.idleMs });
    return this.#noteHealth(began) ? 0 : this.#backoff.next();
  }

  #noteHealth(began: number): boolean {
    const healthy = this.#clock.monotonic() - began >= HEALTHY_MS;
    if (healthy) this.#backoff.reset();
    return healthy;
  }

  #onEvent(event: WatchEvent<T>): void {
    if (this.#stopping.signal.aborted) return;
    this.#lastContact = this.#clock.monotonic();
    this.#malformedInARow = 0;
    if (event.type !== 'BOOKMARK') this.#writer.event(event);
    const version = event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
    // Never backwards: an event that was overtaken must not make the next watch tell everything again.
    const order = compareResourceVersions(version, this.#resourceVersion);
    if (version && (order === undefined || order > 0)) this.#resourceVersion = version;
  }

  /** Decides how to go on after an error. @returns how long to wait first. */
  #recover(during: 'list' | 'watch', error: unknown): number {
    const gone = error instanceof ApiError && error.isGone;
    if (isUnreadable(error)) this.#malformedInARow += 1;
    if (gone && during === 'list') this.#listInOnePiece = true;
    if (gone || this.#malformedInARow >= MALFORMED_LIMIT) {
      this.#resourceVersion = undefined;
      this.#malformedInARow = 0;
    }
    // The first 410 in a while is the normal way to learn that one slept too long; a server that says it at once again is ill.
    const wait = gone && during === 'watch' && this.#backoff.failures === 0 ? 0 : undefined;
    const delayMs = this.#backoff.next();
    const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    const retryInMs = wait ?? Math.min(asked, MAX_RETRY_AFTER_MS) + delayMs;
    this.#report(gone ? { kind: 'expired' } : { kind: 'failed', during, error, retryInMs });
    return retryInMs;
  }

  #report(report: ReflectorReport): void {
    try {
      this.#options.onReport?.(report);
    } catch {
      // A log that throws must not stop the cache, and there is nobody left to tell.
    }
  }
}

/** What the server would send again at the same place. */
function isUnreadable(error: unknown): boolean {
  return error instanceof MalformedEventError || (error instanceof TransportError && error.kind === 'line-too-long');
}
