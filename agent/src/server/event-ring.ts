import { type ObjectiveRef, type WagonEvent, type WagonEventBody, wagonEventSchema } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';

/** An event as it goes out: numbered, and already JSON. */
export interface HeldEvent {
  seq: number;
  json: string;
  objectiveUID: string | undefined;
  jobID: string | undefined;
}

/** Whose events somebody wants; all of them where both are absent. */
export interface EventFilter {
  objectiveUID?: string;
  jobID?: string;
}

/** Bytes of JSON that are held for those who come late. */
const DEFAULT_BYTES = 4 * 1024 * 1024;

/**
 * The wagon's events since its start, numbered from 1, as far as they fit. Everybody reads at their own pace from here, so a slow reader costs
 * nothing: what it missed meanwhile, it is told as a gap.
 */
export class EventRing {
  /** Names this start of the wagon: numbers of another one mean nothing. */
  readonly epoch: string;
  readonly #clock: Clock;
  readonly #scrub: (text: string) => string;
  readonly #maxBytes: number;
  readonly #listeners = new Set<() => void>();
  #held: HeldEvent[] = [];
  #bytes = 0;
  #newest = 0;

  constructor(epoch: string, clock: Clock, scrub: (text: string) => string, maxBytes = DEFAULT_BYTES) {
    this.epoch = epoch;
    this.#clock = clock;
    this.#scrub = scrub;
    this.#maxBytes = maxBytes;
  }

  /** Number of the newest event; 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** Number of the oldest event that is held; one more than the newest where none is. */
  get oldest(): number {
    return this.#held[0]?.seq ?? this.#newest + 1;
  }

  /** Numbers an event and wakes whoever listens. One that breaks the contract is left out: nothing in the stream is the truth. */
  readonly emit = (body: WagonEventBody): void => {
    const seq = this.#newest + 1;
    const parsed = wagonEventSchema.safeParse({ ...body, seq, at: this.#time() });
    if (!parsed.success) return;
    this.#newest = seq;
    const json = this.#scrub(JSON.stringify(parsed.data));
    this.#held.push({ seq, json, ...ownersOf(parsed.data) });
    this.#bytes += json.length;
    this.#trim();
    for (const wake of [...this.#listeners]) wake();
  };

  /**
   * The first event after number `after` that the filter lets through, and the number to go on from.
   * `dropped` counts events after `after` that are gone.
   */
  next(after: number, filter: EventFilter): { event?: HeldEvent; cursor: number; dropped: number } {
    const dropped = Math.max(0, this.oldest - 1 - after);
    const start = Math.max(0, after + 1 - this.oldest);
    for (let index = start; index < this.#held.length; index += 1) {
      const event = this.#held[index];
      if (event !== undefined && wanted(event, filter)) return { event, cursor: event.seq, dropped };
    }
    return { cursor: Math.max(after, this.#newest), dropped };
  }

  /** What a stream opens with. */
  hello(): string {
    const { epoch, newest, oldest } = this;
    return JSON.stringify({ type: 'hello', seq: newest, at: this.#time(), epoch, oldest } satisfies WagonEvent);
  }

  /** Says that events up to `seq` are gone. */
  gap(seq: number, dropped: number): string {
    return JSON.stringify({ type: 'gap', seq, at: this.#time(), dropped } satisfies WagonEvent);
  }

  /** Calls `wake` after each event, until the returned function is called. */
  onEvent(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** Drops a tenth more than it must, so that the list is not copied at each event. */
  #trim(): void {
    if (this.#bytes <= this.#maxBytes) return;
    let surplus = 0;
    for (; this.#bytes > 0.9 * this.#maxBytes && surplus < this.#held.length - 1; surplus += 1)
      this.#bytes -= this.#held[surplus]?.json.length ?? 0;
    this.#held = this.#held.slice(surplus);
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

function ownersOf(event: WagonEvent): { objectiveUID: string | undefined; jobID: string | undefined } {
  const objective: ObjectiveRef | undefined = 'objective' in event ? event.objective : undefined;
  return { objectiveUID: objective?.uid, jobID: 'jobID' in event ? event.jobID : undefined };
}

function wanted(event: HeldEvent, { objectiveUID, jobID }: EventFilter): boolean {
  if (jobID !== undefined) return event.jobID === jobID;
  return objectiveUID === undefined || event.objectiveUID === objectiveUID;
}
