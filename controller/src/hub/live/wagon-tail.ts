import { type Wagon, type WagonEvent, wagonEventSchema } from '@dark-carnival/crds';
import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { Backoff } from '@dark-carnival/kube';
import type { WagonAccess } from '../wagon-access.ts';
import { readSse } from './sse-reader.ts';

/** How it stands with the stream of one wagon. */
export interface TailState {
  state: 'connecting' | 'live' | 'lost';
  message?: string;
}

export interface WagonTailOptions {
  /** The wagon as it is now; undefined while there is none of that name. */
  wagon: () => Wagon | undefined;
  objective: { uid: string; name: string; namespace: string };
  access: WagonAccess;
  clock: Clock;
  random: () => number;
  onEvent: (epoch: string, event: WagonEvent) => void;
  onState: (state: TailState) => void;
}

/** The stream belongs to another start of the wagon than the number asked for: ask again from its beginning. */
class EpochChanged extends Error {}

/** Follows the events of one Objective on one wagon, for ever: reconnects, and goes on behind the last event seen. */
export class WagonTail {
  readonly #options: WagonTailOptions;
  readonly #stopping = new AbortController();
  readonly #backoff: Backoff;
  #epoch = '';
  #seq = 0;

  constructor(options: WagonTailOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ baseMs: 250, maxMs: 5_000, random: options.random });
    void this.#run();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#say({ state: 'connecting' });
      const message = await this.#follow(signal);
      if (signal.aborted) return;
      if (message !== undefined) this.#say({ state: 'lost', message });
      await sleep(this.#options.clock, message === undefined ? 0 : this.#backoff.next(), signal);
    }
  }

  /** @returns why the stream ended; undefined where it should be opened again at once. */
  async #follow(signal: AbortSignal): Promise<string | undefined> {
    const wagon = this.#options.wagon();
    if (!wagon) return 'the wagon is gone';
    try {
      const path = `/api/events?after=${this.#seq}&objective=${encodeURIComponent(this.#options.objective.uid)}`;
      const request = { method: 'GET', path, headers: { accept: 'text/event-stream' }, signal } as const;
      const answer = await this.#options.access.forward(wagon, request);
      if (answer.outcome === 'unreachable') return answer.message;
      if (answer.status !== 200) {
        answer.discard();
        return `it answered ${answer.status}`;
      }
      this.#say({ state: 'live' });
      for await (const data of readSse(answer.body)) {
        this.#backoff.reset();
        if (data !== undefined) this.#take(data);
      }
      return 'the stream ended';
    } catch (error) {
      return error instanceof EpochChanged ? undefined : 'the stream broke';
    }
  }

  #take(data: string): void {
    const event = parseEvent(data);
    if (!event) return;
    if (event.type === 'hello') this.#greet(event.epoch);
    else if (event.seq <= this.#seq || !this.#concerns(event)) return;
    this.#seq = Math.max(this.#seq, event.type === 'hello' ? 0 : event.seq);
    if (!this.#stopping.signal.aborted) this.#options.onEvent(this.#epoch, event);
  }

  #greet(epoch: string): void {
    if (epoch === this.#epoch) return;
    const asked = this.#seq;
    this.#epoch = epoch;
    this.#seq = 0;
    if (asked > 0) throw new EpochChanged();
  }

  /** A wagon is asked for one Objective's events; what it says about others is not passed on. */
  #concerns(event: WagonEvent): boolean {
    const { uid, name, namespace } = this.#options.objective;
    if (event.type === 'vault') return event.namespace === namespace && event.file.startsWith(`${name}/`);
    if (event.type === 'hello' || event.type === 'gap') return true;
    return event.objective?.uid === uid;
  }

  #say(state: TailState): void {
    if (!this.#stopping.signal.aborted) this.#options.onState(state);
  }
}

function parseEvent(data: string): WagonEvent | undefined {
  try {
    return wagonEventSchema.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}
