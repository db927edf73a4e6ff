import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { EventFilter, EventRing } from './event-ring.ts';

/** A line that says nothing, so often that both sides notice a dead connection. */
const KEEPALIVE_MS = 10_000;
/** A reader that takes nothing for this long is gone. */
const STALL_MS = 60_000;

export interface StreamOptions {
  ring: EventRing;
  filter: EventFilter;
  /** Number of the last event that the reader has. */
  after: number;
  clock: Clock;
}

/**
 * Streams events as SSE until either side ends. Nothing is held for a reader but what its socket buffers: while that is full nothing is
 * written, and what the ring has lost meanwhile is told as a gap.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #options: StreamOptions;
  readonly #stopListening: () => void;
  #cursor: number;
  #timer: Timer;
  #blockedSince: number | undefined;

  constructor(response: ServerResponse, options: StreamOptions) {
    this.#response = response;
    this.#options = options;
    const { ring, after, clock } = options;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
    });
    // A number that was never given out is of another start of the wagon: everything is new to this reader.
    this.#cursor = after > ring.newest ? 0 : after;
    this.#write(`data: ${ring.hello()}\n\n`);
    this.#stopListening = ring.onEvent(() => this.#pump());
    this.#timer = clock.setTimeout(() => this.#keepAlive(), KEEPALIVE_MS);
    response.on('drain', () => {
      this.#blockedSince = undefined;
      this.#pump();
    });
    response.on('close', () => this.#cleanUp());
    this.#pump();
  }

  /** Ends the stream in good order. */
  end(): void {
    this.#cleanUp();
    this.#response.end();
  }

  #pump(): void {
    const { ring, filter } = this.#options;
    while (this.#blockedSince === undefined && !this.#response.writableEnded) {
      const { event, cursor, dropped } = ring.next(this.#cursor, filter);
      if (dropped > 0) {
        const last = ring.oldest - 1;
        this.#cursor = last;
        this.#write(`id: ${last}\ndata: ${ring.gap(last, dropped)}\n\n`);
        continue;
      }
      this.#cursor = cursor;
      if (event === undefined) return;
      this.#write(`id: ${event.seq}\ndata: ${event.json}\n\n`);
    }
  }

  #write(frame: string): void {
    if (!this.#response.write(frame)) this.#blockedSince ??= this.#options.clock.monotonic();
  }

  #keepAlive(): void {
    const { clock } = this.#options;
    if (this.#blockedSince !== undefined && clock.monotonic() - this.#blockedSince > STALL_MS) {
      this.#response.destroy();
      return;
    }
    if (this.#blockedSince === undefined) this.#write(': still here\n\n');
    this.#timer = clock.setTimeout(() => this.#keepAlive(), KEEPALIVE_MS);
  }

  #cleanUp(): void {
    this.#stopListening();
    this.#options.clock.clearTimeout(this.#timer);
  }
}
