import type { Timer } from '@dark-carnival/crds/clock';
import { stringAt } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { events } from '../registry/builtin/event.ts';
import type { Api } from '../rest/api.ts';
import { removeObject } from '../rest/remove.ts';
import { StorageError } from '../store/storage-error.ts';
import type { StoreEvent } from '../store/store-event.ts';

/** How long an Event is kept after its last change: the real server's default. */
export const EVENT_TTL_MS = 60 * 60 * 1000;

interface Due {
  key: string;
  rev: number;
  at: number;
}

/** Removes Events after their time, so that they never pile up. One timer, whatever their number. */
export class EventExpiry {
  readonly #api: Api;
  /** In the order of their times: each write asks for the same span. */
  readonly #due: Due[];
  #timer: Timer | undefined;
  #closed = false;

  constructor(api: Api) {
    this.#api = api;
    const entries = api.store.entries(events.storage);
    this.#due = entries.map((entry) => ({
      key: entry.key,
      rev: entry.rev,
      at: lastChange(api.store.object(entry)) + EVENT_TTL_MS,
    }));
    this.#due.sort((a, b) => a.at - b.at);
    api.store.onCommit((event) => this.#onCommit(event));
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) this.#api.clock.clearTimeout(this.#timer);
  }

  #onCommit(event: StoreEvent): void {
    if (event.resource !== events.storage || event.type === 'DELETED') return;
    this.#due.push({ key: event.key, rev: event.rev, at: this.#api.clock.now() + EVENT_TTL_MS });
    if (!this.#timer) this.#schedule();
  }

  #schedule(): void {
    const [next] = this.#due;
    if (!next || this.#closed) {
      this.#timer = undefined;
      return;
    }
    const delay = Math.max(1000, next.at - this.#api.clock.now());
    this.#timer = this.#api.clock.setTimeout(() => this.#expire(), Math.min(delay, EVENT_TTL_MS));
  }

  #expire(): void {
    const now = this.#api.clock.now();
    const count = this.#due.findIndex(({ at }) => at > now);
    const expired = this.#due.splice(0, count < 0 ? this.#due.length : count);
    const done = expired.findIndex((due) => !this.#remove(due));
    if (done >= 0) this.#due.unshift(...expired.slice(done));
    this.#schedule();
  }

  /** @returns false when the disk has no room for it: then it is still due. */
  #remove({ key, rev }: Due): boolean {
    const entry = this.#api.store.entry(events.storage, key);
    // One that was written again is due later.
    if (entry?.rev !== rev) return true;
    try {
      removeObject(this.#api, events, entry);
      return true;
    } catch (error) {
      if (error instanceof StorageError) return false;
      throw error;
    }
  }
}

function lastChange(object: KubeObject): number {
  const times = [stringAt(object, 'lastTimestamp'), stringAt(object, 'eventTime'), object.metadata.creationTimestamp];
  return Math.max(0, ...times.map((time) => (time ? Date.parse(time) : 0)));
}
