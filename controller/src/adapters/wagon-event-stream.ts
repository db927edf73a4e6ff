import { type WagonEvent, wagonEventSchema } from '@dark-carnival/crds';
import { type Clock, sleep, type Timer } from '@dark-carnival/crds/clock';
import { Backoff, request } from '@dark-carnival/kube';
import type { Dispatcher } from 'undici';
import type { EventListener, EventSubscription, WagonTarget } from '../ports/wagon-client.ts';
import { bearer, wagonUrl } from './wagon-http.ts';

/** A wagon says something at least every 10 s; silence for longer is a dead connection. */
const SILENCE_MS = 30_000;
/** Longest event: a turn of 256 KiB characters, escaped. A longer line is no event. */
const MAX_LINE = 2 * 1024 * 1024;
const BACKOFF_MS = { baseMs: 250, maxMs: 10_000 };

export interface WagonEventStreamOptions {
  agent: Dispatcher;
  clock: Clock;
  random: () => number;
  target: WagonTarget;
  listener: EventListener;
}

/** `GET /api/events` for ever: opened anew with back-off, from after the last event seen. */
export class WagonEventStream implements EventSubscription {
  readonly #options: WagonEventStreamOptions;
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  #lastSeq = 0;
  #epoch: string | undefined;

  constructor(options: WagonEventStreamOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ ...BACKOFF_MS, random: options.random });
    void this.#run();
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#stream();
      } catch {
        // Whatever it was, polling makes up for it until the stream is open again.
      }
      await sleep(this.#options.clock, this.#backoff.next(), signal);
    }
  }

  async #stream(): Promise<void> {
    const { agent, target } = this.#options;
    const url = wagonUrl(target.address, `/api/events?after=${this.#lastSeq}`);
    if (url === undefined) return;
    const silence = new Silence(this.#options.clock, this.#closing.signal);
    try {
      const answer = await request(agent, url, {
        method: 'GET',
        headers: { accept: 'text/event-stream', ...bearer(target.token) },
        signal: silence.signal,
        bodyTimeout: 0,
      });
      if (answer.statusCode !== 200 || !isEventStream(answer.headers['content-type'])) return;
      await this.#read(answer.body, silence);
    } finally {
      silence.end();
    }
  }

  async #read(body: AsyncIterable<Uint8Array>, silence: Silence): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of body) {
      silence.broken();
      const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#onLine(line);
      if (rest.length > MAX_LINE) return;
    }
  }

  /** Every event is one `data:` line; its number is in it, so `id:` is not needed. */
  #onLine(line: string): void {
    if (this.#closing.signal.aborted || !line.startsWith('data:')) return;
    const event = parseEvent(line.slice(5));
    if (!event) return;
    if (event.type === 'hello') this.#onHello(event);
    else {
      this.#lastSeq = Math.max(this.#lastSeq, event.seq);
      if (event.type === 'gap') this.#tell(() => this.#options.listener.onWake());
      else this.#tell(() => this.#options.listener.onEvent(event));
    }
  }

  /** The wagon is there. Another start counts from 1 again. */
  #onHello({ epoch }: WagonEvent & { type: 'hello' }): void {
    this.#backoff.reset();
    if (this.#epoch !== undefined && this.#epoch !== epoch) this.#lastSeq = 0;
    this.#epoch = epoch;
    this.#tell(() => this.#options.listener.onWake());
  }

  /** A listener that throws must not end the stream. */
  #tell(call: () => void): void {
    try {
      call();
    } catch {
      // Its own reconcile reports what is wrong with it.
    }
  }
}

/** Aborts when nothing came for too long, or when the subscription is closed. */
class Silence {
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  readonly #closing: AbortSignal;
  readonly #onClose = () => this.#abort.abort();
  #timer: Timer;

  constructor(clock: Clock, closing: AbortSignal) {
    this.#clock = clock;
    this.#closing = closing;
    closing.addEventListener('abort', this.#onClose, { once: true });
    this.#timer = this.#arm();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  broken(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#arm();
  }

  end(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#closing.removeEventListener('abort', this.#onClose);
    this.#abort.abort();
  }

  #arm(): Timer {
    return this.#clock.setTimeout(() => this.#abort.abort(), SILENCE_MS);
  }
}

function parseEvent(data: string): WagonEvent | undefined {
  try {
    return wagonEventSchema.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

const isEventStream = (type: string | string[] | undefined) => String(type ?? '').startsWith('text/event-stream');
