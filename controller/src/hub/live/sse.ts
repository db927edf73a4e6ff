import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import { DATA_HEADERS } from '../security/security-headers.ts';

/** One message of a stream of server-sent events. */
export interface Frame {
  /** Name of the event; without one it is a plain message. */
  event?: string;
  id?: string;
  data: unknown;
}

export function encodeFrame({ event, id, data }: Frame): string {
  const lines = [event === undefined ? '' : `event: ${event}\n`, id === undefined ? '' : `id: ${id}\n`];
  // JSON escapes line breaks, so one line of data is always enough.
  return `${lines.join('')}data: ${JSON.stringify(data)}\n\n`;
}

export interface SseOptions {
  clock: Clock;
  /** Called at each heartbeat; false ends the stream. */
  stillWelcome: () => Promise<boolean>;
}

/** A comment this often tells both sides that the other is there. */
export const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for so many heartbeats is gone, whatever its socket says. */
const STUCK_HEARTBEATS = 4;

/** The writing end of one stream. It never holds more than one frame beyond what the socket took: who sends looks at `ready` first. */
export class SseStream {
  readonly #response: ServerResponse;
  readonly #options: SseOptions;
  readonly #onEnd: (() => void)[] = [];
  #timer: Timer;
  #stuck = 0;
  #ended = false;
  /** Called when the reader can take more. */
  onReady: () => void = () => {};

  constructor(response: ServerResponse, options: SseOptions) {
    this.#response = response;
    this.#options = options;
    response.writeHead(200, {
      ...DATA_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    response.on('drain', () => {
      this.#stuck = 0;
      this.onReady();
    });
    response.on('close', () => this.#finish());
    response.on('error', () => this.#finish());
    this.#timer = options.clock.setTimeout(() => this.#heartbeat(), HEARTBEAT_MS);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether a frame would leave at once rather than pile up. */
  get ready(): boolean {
    return !this.#ended && !this.#response.writableNeedDrain;
  }

  send(frame: Frame): void {
    if (!this.#ended) this.#response.write(encodeFrame(frame));
  }

  end(): void {
    if (!this.#ended) this.#response.end();
    this.#finish();
  }

  /** Runs when the stream ends, by whichever side; at once where it has ended. */
  whenEnded(run: () => void): void {
    if (this.#ended) run();
    else this.#onEnd.push(run);
  }

  #heartbeat(): void {
    if (this.#ended) return;
    this.#timer = this.#options.clock.setTimeout(() => this.#heartbeat(), HEARTBEAT_MS);
    if (this.ready) this.#response.write(': here\n\n');
    else this.#stuck += 1;
    if (this.#stuck >= STUCK_HEARTBEATS) {
      this.#response.destroy();
      return;
    }
    // An API server that is away for a moment ends no stream: what it said last still holds until it says otherwise.
    this.#options.stillWelcome().then(
      (welcome) => welcome || this.end(),
      () => {},
    );
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.clock.clearTimeout(this.#timer);
    for (const run of this.#onEnd.splice(0)) run();
  }
}
