import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { JsonObject } from '../json/json.ts';
import type { Resource } from '../registry/resource.ts';
import { decodeObject, encodeObject, type RevisionStore } from '../store/revision-store.ts';
import type { StoreEvent } from '../store/store-event.ts';
import { sightingOf, type WatchScope } from '../watch/watch-event.ts';
import type { FrameCache, Watcher } from '../watch/watch-hub.ts';
import type { Representation, StoredState } from './representation/representation.ts';

/** What a watch response needs besides its request. */
export interface WatchStreamOptions {
  resource: Resource;
  representation: Representation;
  scope: WatchScope;
  store: RevisionStore;
  clock: Clock;
  /** Undefined: no bookmarks. Milliseconds. */
  bookmarkIntervalMs: number | undefined;
  timeoutMs: number;
  /** A client that lets more than this pile up is cut off; it resumes from its last revision. Bytes. */
  maxBacklogBytes: number;
  onClose: () => void;
}

/** Largest write of several frames. */
const MAX_WRITE_BYTES = 256 * 1024;

function frame(type: string, object: Buffer): Buffer {
  const body = object.at(-1) === 0x0a ? object.subarray(0, -1) : object;
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), body, Buffer.from('}\n')]);
}

/**
 * One watch response. Events of one turn of the event loop go out in one write; while the start state is still being sent they queue
 * behind it. What the client does not take in time is bounded by `maxBacklogBytes`.
 */
export class WatchStream implements Watcher {
  readonly #response: ServerResponse;
  readonly #options: WatchStreamOptions;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #flushDue = false;
  #isFirst = true;
  #isStarting = true;
  #closed = false;
  #bookmark: Timer | undefined;
  readonly #timeout: Timer;

  constructor(response: ServerResponse, options: WatchStreamOptions) {
    this.#response = response;
    this.#options = options;
    response.writeHead(200, {
      'Content-Type': options.representation.contentType,
      'Cache-Control': 'no-cache, private',
    });
    response.on('close', () => this.#release());
    this.#timeout = options.clock.setTimeout(() => this.#expire(), options.timeoutMs);
    this.#scheduleBookmark();
  }

  /** Sends the start: states as ADDED events, then events that were missed, then live ones. */
  async start(states: Iterable<StoredState>, missed: readonly StoreEvent[], endOfStart: boolean): Promise<void> {
    this.#response.flushHeaders();
    for (const state of states) await this.#write(this.#added(state));
    for (const event of missed) {
      const bytes = this.#encode(event, new Map());
      if (bytes) await this.#write(bytes);
    }
    this.#isStarting = false;
    if (endOfStart) this.#push(this.#bookmarkFrame({ 'k8s.io/initial-events-end': 'true' }));
    this.#flush();
  }

  deliver(event: StoreEvent, frames: FrameCache): void {
    if (this.#closed) return;
    try {
      const bytes = this.#encode(event, frames);
      if (bytes) this.#push(bytes);
    } catch {
      // The commit has happened: a watcher that cannot be told is cut off, and reads again.
      this.#response.destroy();
    }
  }

  /** Ends the response with an ERROR event. */
  fail(status: JsonObject): void {
    this.#response.end(frame('ERROR', Buffer.from(JSON.stringify(status))));
  }

  /** Ends the response: the server stops, or the resource is gone. */
  end(): void {
    if (this.#closed) return;
    while (this.#queue.length > 0) this.#writeQueued();
    this.#response.end();
  }

  #added(state: StoredState): Buffer {
    const { representation, resource } = this.#options;
    const bytes = frame('ADDED', representation.watched(resource, state, this.#isFirst));
    this.#isFirst = false;
    return bytes;
  }

  #encode(event: StoreEvent, frames: FrameCache): Buffer | undefined {
    const { scope, representation, resource } = this.#options;
    const sighting = sightingOf(event, scope);
    if (!sighting) return undefined;
    const id = `${sighting.type} ${sighting.object} ${this.#isFirst} ${resource.version} ${representation.id}`;
    let bytes = frames.get(id);
    if (!bytes) {
      const state = sighting.object === 'current' ? event : this.#previousState(event);
      bytes = frame(sighting.type, representation.watched(resource, state, this.#isFirst));
      frames.set(id, bytes);
    }
    this.#isFirst = false;
    return bytes;
  }

  /** What left the selection is shown as it was, under the revision of the change. */
  #previousState(event: StoreEvent): StoredState {
    const before = this.#options.store.bytesAt(event.previous?.rev ?? 0) ?? event.bytes;
    const object = decodeObject(before);
    object.metadata.resourceVersion = String(event.rev);
    return { rev: event.rev, bytes: encodeObject(object) };
  }

  #push(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes + this.#response.writableLength > this.#options.maxBacklogBytes) {
      this.#response.destroy();
      return;
    }
    if (this.#flushDue || this.#isStarting) return;
    this.#flushDue = true;
    setImmediate(() => this.#flush());
  }

  /** Hands over no more than the client takes: what waits in the queue is shared with all who hear the same events, what the socket holds is a copy. */
  #flush(): void {
    this.#flushDue = false;
    while (!this.#closed && this.#queue.length > 0) {
      if (this.#response.writableNeedDrain) {
        this.#flushDue = true;
        this.#response.once('drain', () => this.#flush());
        return;
      }
      this.#writeQueued();
    }
  }

  #writeQueued(): void {
    let [count, bytes] = [0, 0];
    while (count < this.#queue.length && bytes < MAX_WRITE_BYTES) {
      bytes += this.#queue[count]?.length ?? 0;
      count += 1;
    }
    const frames = this.#queue.splice(0, count);
    this.#queuedBytes -= bytes;
    const [first] = frames;
    this.#response.write(count === 1 ? first : Buffer.concat(frames, bytes));
  }

  /** Writes, and waits while the client is behind. */
  #write(bytes: Buffer): Promise<void> | undefined {
    if (this.#closed || this.#response.write(bytes)) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        this.#response.off('drain', done).off('close', done);
        resolve();
      };
      this.#response.on('drain', done).on('close', done);
    });
  }

  #bookmarkFrame(annotations?: JsonObject): Buffer {
    const { representation, resource, store } = this.#options;
    const metadata: JsonObject = { resourceVersion: String(store.revision), ...(annotations && { annotations }) };
    return frame('BOOKMARK', representation.bookmark(resource, metadata));
  }

  #scheduleBookmark(): void {
    const { bookmarkIntervalMs, clock } = this.#options;
    if (bookmarkIntervalMs === undefined) return;
    this.#bookmark = clock.setTimeout(() => {
      if (!this.#isStarting) this.#push(this.#bookmarkFrame());
      this.#scheduleBookmark();
    }, bookmarkIntervalMs);
  }

  #expire(): void {
    if (this.#options.bookmarkIntervalMs !== undefined && !this.#isStarting) this.#push(this.#bookmarkFrame());
    this.end();
  }

  #release(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.clock.clearTimeout(this.#timeout);
    if (this.#bookmark) this.#options.clock.clearTimeout(this.#bookmark);
    this.#options.onClose();
  }
}
