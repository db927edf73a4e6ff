import type { KubeObject } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { ApiError, EVENTS, type KubeClient } from '@dark-carnival/kube';
import { type CoreEvent, eventKey, type Occurrence, type Reporter, toCoreEvent } from './core-event.ts';
import type { Logger } from './logger.ts';

export interface EventRecorderOptions {
  client: KubeClient;
  reporter: Reporter;
  clock: Clock;
  logger: Logger;
  /** Events that wait to be sent; the oldest go first when there are more. Default 1,000. */
  maxPending?: number;
  /** Events whose repetition is recognized without asking the server. Default 2,000. */
  maxKnown?: number;
  /** A repetition within this time counts up the Event instead of making another. Default 10 min. */
  windowMs?: number;
}

interface Pending {
  event: CoreEvent;
  /** Occurrences since the last one sent. */
  times: number;
}

interface Known {
  count: number;
  at: number;
}

/**
 * Writes Events, in the background and one at a time. Repetitions count up; memory is bounded; a failure loses an Event and nothing else. Record what
 * happened, never that nothing did.
 */
export class EventRecorder {
  readonly #options: Required<EventRecorderOptions>;
  readonly #pending = new Map<string, Pending>();
  /** In order of use: the first is the one forgotten first. */
  readonly #known = new Map<string, Known>();
  #sending: Promise<void> | undefined;
  #lost = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = { maxPending: 1_000, maxKnown: 2_000, windowMs: 600_000, ...options };
  }

  /** Events that could not be written. */
  get lost(): number {
    return this.#lost;
  }

  /** Notes an occurrence; returns at once and never throws. */
  record(object: KubeObject, occurrence: Occurrence): void {
    const key = eventKey(object, occurrence);
    const now = new Date(this.#options.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    const pending = this.#pending.get(key);
    if (pending) {
      pending.times += 1;
      pending.event.lastTimestamp = now;
      return;
    }
    this.#pending.set(key, { event: toCoreEvent(object, occurrence, this.#options.reporter, now), times: 1 });
    this.#dropOldest();
    this.#sending ??= this.#sendAll();
  }

  /** Resolves when everything noted so far was sent or given up. */
  async flush(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  #dropOldest(): void {
    const [oldest] = this.#pending.keys();
    if (this.#pending.size <= this.#options.maxPending || oldest === undefined) return;
    this.#pending.delete(oldest);
    this.#lost += 1;
  }

  async #sendAll(): Promise<void> {
    // Begins after the caller's turn: what it notes in one go is sent as one.
    await Promise.resolve();
    for (let next = first(this.#pending); next; next = first(this.#pending)) {
      const [key, pending] = next;
      this.#pending.delete(key);
      await this.#send(key, pending);
    }
    this.#sending = undefined;
  }

  async #send(key: string, { event, times }: Pending): Promise<void> {
    const { clock, windowMs, maxKnown, logger } = this.#options;
    const known = this.#known.get(key);
    const recent = known && clock.monotonic() - known.at <= windowMs ? known : undefined;
    try {
      const count = recent ? await this.#countUp(event, recent.count + times) : await this.#create(event, times);
      this.#known.delete(key);
      this.#known.set(key, { count, at: clock.monotonic() });
      const [oldest] = this.#known.keys();
      if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
    } catch (error) {
      this.#lost += 1;
      this.#known.delete(key);
      logger.debug('Event was lost', { reason: event.reason, message: String(error) });
    }
  }

  async #create(event: CoreEvent, times: number): Promise<number> {
    const { client } = this.#options;
    try {
      await client.create<CoreEvent>(EVENTS, { ...event, count: times });
      return times;
    } catch (error) {
      if (!(error instanceof ApiError && error.isAlreadyExists)) throw error;
      // Written before a restart, or longer ago than the window; the server keeps Events for an hour.
      const { count = 1 } = await client.get<CoreEvent>(EVENTS, event.metadata);
      return this.#countUp(event, count + times);
    }
  }

  async #countUp(event: CoreEvent, count: number): Promise<number> {
    const body = { count, lastTimestamp: event.lastTimestamp };
    try {
      await this.#options.client.patch(EVENTS, event.metadata, { type: 'merge', body });
      return count;
    } catch (error) {
      if (!(error instanceof ApiError && error.isNotFound)) throw error;
      await this.#options.client.create<CoreEvent>(EVENTS, event);
      return 1;
    }
  }
}

function first<Key, Value>(map: ReadonlyMap<Key, Value>): [Key, Value] | undefined {
  const [entry] = map;
  return entry;
}
