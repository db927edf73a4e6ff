import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { JsonObject } from '../json/json.ts';
import type { Resource } from '../registry/resource.ts';
import { decodeObject, encodeObject } from '../store/object-bytes.ts';
import type { RevisionStore } from '../store/revision-store.ts';
import type { StoreEvent } from '../store/store-event.ts';
import type { StoredState } from '../store/stored-state.ts';
import { sightingOf, type WatchScope } from '../watch/watch-event.ts';
import type { FrameCache, Watcher, WatchFrame } from '../watch/watch-hub.ts';
import { byteBatches } from './byte-batches.ts';
import { FrameWriter } from './frame-writer.ts';
import type { Representation } from './representation/representation.ts';
import { errorLine, lineParts, watchFrame } from './watch-frame.ts';
import { written } from './written.ts';

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

/** What is read and encoded of the start state between two writes, bytes. */
const START_BATCH_BYTES = 128 * 1024;

/** In which the start state has to be taken, as a list: until then no revision after it is compacted. */
const START_TIMEOUT_MS = 60_000;

/** Largest write of several frames, bytes. */
const MAX_WRITE_BYTES = 256 * 1024;

/**
 * One watch response. Events of one turn of the event loop go out in one write; while the start state is still being sent they queue
 * behind it. What the client does not take in time is bounded by `maxBacklogBytes`.
 */
export class WatchStream implements Watcher {
  readonly #response: ServerResponse;
  readonly #options: WatchStreamOptions;
  readonly #writer: FrameWriter;
  /** Tells this stream's encodings from those of other streams. */
  readonly #encoding: string;
  #queue: WatchFrame[] = [];
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
    this.#encoding = `${options.resource.version} ${options.representation.id}`;
    response.writeHead(200, {
      'Content-Type': options.representation.contentType,
      'Cache-Control': 'no-cache, private',
    });
    response.flushHeaders();
    this.#writer = new FrameWriter(response);
    response.on('close', () => this.#release());
    this.#timeout = options.clock.setTimeout(() => this.#expire(), options.timeoutMs);
    this.#scheduleBookmark();
  }

  /** Sends the start: states as ADDED events, then events that were missed, then live ones. @throws what reading the states throws */
  async start(states: Iterable<StoredState>, missed: Iterable<StoreEvent>, endOfStart: boolean): Promise<void> {
    const { clock } = this.#options;
    const deadline = clock.setTimeout(() => this.#response.destroy(), START_TIMEOUT_MS);
    try {
      for (const batch of byteBatches(this.#startParts(states, missed), START_BATCH_BYTES))
        if (!(await written(this.#response, batch))) return;
    } finally {
      clock.clearTimeout(deadline);
    }
    this.#isStarting = false;
    if (endOfStart) this.#push(this.#bookmarkFrame({ 'k8s.io/initial-events-end': 'true' }));
    this.#flush();
  }

  deliver(event: StoreEvent, frames: FrameCache): void {
    if (this.#closed) return;
    try {
      const frame = this.#encode(event, frames);
      if (frame) this.#push(frame);
    } catch {
      // The commit has happened: a watcher that cannot be told is cut off, and reads again.
      this.#response.destroy();
    }
  }

  /** Ends the response with an ERROR event. */
  fail(status: JsonObject): void {
    this.#release();
    this.#response.end(errorLine(status));
  }

  /** Ends the response: the server stops, or the resource is gone. */
  end(): void {
    if (this.#closed) return;
    // What queues behind a start that was not taken is no news without it.
    while (!this.#isStarting && this.#queue.length > 0) this.#writeQueued();
    this.#release();
    this.#response.end();
  }

  *#startParts(states: Iterable<StoredState>, missed: Iterable<StoreEvent>): Generator<Buffer> {
    const { representation, resource } = this.#options;
    for (const state of states) {
      yield* lineParts('ADDED', representation.watched(resource, state, this.#isFirst));
      this.#isFirst = false;
    }
    for (const event of missed) {
      const frame = this.#encode(event, new Map());
      if (frame) yield frame.line;
    }
  }

  #encode(event: StoreEvent, frames: FrameCache): WatchFrame | undefined {
    const { scope, representation, resource } = this.#options;
    const sighting = sightingOf(event, scope);
    if (!sighting) return undefined;
    const id = `${sighting.type} ${sighting.object} ${this.#isFirst} ${this.#encoding}`;
    let frame = frames.get(id);
    if (!frame) {
      const state = sighting.object === 'current' ? event : this.#previousState(event);
      frame = watchFrame(sighting.type, representation.watched(resource, state, this.#isFirst));
      frames.set(id, frame);
    }
    this.#isFirst = false;
    return frame;
  }

  /** What left the selection is shown as it was, under the revision of the change. */
  #previousState(event: StoreEvent): StoredState {
    const before = this.#options.store.bytesAt(event.previous?.rev ?? 0) ?? event.bytes;
    const object = decodeObject(before);
    object.metadata.resourceVersion = String(event.rev);
    return { rev: event.rev, bytes: encodeObject(object) };
  }

  #push(frame: WatchFrame): void {
    this.#queue.push(frame);
    this.#queuedBytes += frame.chunk.length;
    if (this.#queuedBytes + this.#writer.pending > this.#options.maxBacklogBytes) {
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
      if (this.#writer.isFull) {
        this.#flushDue = true;
        this.#writer.whenDrained(() => this.#flush());
        return;
      }
      this.#writeQueued();
    }
  }

  #writeQueued(): void {
    let [count, bytes] = [0, 0];
    while (count < this.#queue.length && bytes < MAX_WRITE_BYTES) {
      bytes += this.#queue[count]?.chunk.length ?? 0;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    this.#writer.write(this.#queue.splice(0, count));
  }

  #bookmarkFrame(annotations?: JsonObject): WatchFrame {
    const { representation, resource, store } = this.#options;
    const metadata: JsonObject = { resourceVersion: String(store.revision), ...(annotations && { annotations }) };
    return watchFrame('BOOKMARK', representation.bookmark(resource, metadata));
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
