import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { WatchFrame } from '../watch/watch-hub.ts';

/**
 * Writes frames to a response whose headers are on their way. A response that owns its connection gets each frame's chunk written to the connection
 * itself: the very bytes that all watchers share go to TLS, where Node would frame, cork and join them anew for each watcher. One that waits behind
 * another on its connection (pipelining), or is not chunked (HTTP/1.0), takes the way through Node.
 */
export class FrameWriter {
  readonly #response: ServerResponse;
  readonly #sink: Writable;
  readonly #isFramed: boolean;

  constructor(response: ServerResponse) {
    this.#response = response;
    // Assigned once it is the response's turn.
    const { socket, chunkedEncoding } = response;
    this.#isFramed = socket !== null && chunkedEncoding;
    this.#sink = this.#isFramed && socket !== null ? socket : response;
  }

  /** What the client has not taken yet, bytes. */
  get pending(): number {
    return this.#sink.writableLength;
  }

  get isFull(): boolean {
    return this.#sink.writableNeedDrain;
  }

  /** Calls back once there is room again: only to be asked for while it is full. */
  whenDrained(act: () => void): void {
    this.#sink.once('drain', act);
  }

  write(frames: readonly WatchFrame[]): void {
    if (this.#response.destroyed) return;
    // One write to the operating system for all of them.
    if (frames.length > 1) this.#sink.cork();
    for (const { chunk, line } of frames) this.#sink.write(this.#isFramed ? chunk : line);
    if (frames.length > 1) this.#sink.uncork();
  }
}
