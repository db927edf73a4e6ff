import type { Objective, Wagon } from '@dark-carnival/crds';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { HubCache } from '../hub-deps.ts';
import { HubError } from '../hub-error.ts';
import type { WagonAccess } from '../wagon-access.ts';
import type { Cursor } from './cursor.ts';
import { type FeedListener, ObjectiveFeed } from './objective-feed.ts';

/** Objectives that are followed at once, and listeners of them all. Each costs at most 2 MiB and a connection. */
const MAX_FEEDS = 64;
const MAX_LISTENERS = 256;
/** A page that is loaded again finds its upstream still open. */
const LINGER_MS = 10_000;

export interface ObjectiveFeedsOptions {
  objectives: HubCache<Objective>;
  wagons: HubCache<Wagon>;
  access: WagonAccess;
  clock: Clock;
  random: () => number;
}

/** Every Objective that somebody follows now. */
export class ObjectiveFeeds {
  readonly #options: ObjectiveFeedsOptions;
  readonly #feeds = new Map<string, { feed: ObjectiveFeed; linger: Timer | undefined }>();
  readonly #unsubscribe: () => void;

  constructor(options: ObjectiveFeedsOptions) {
    this.#options = options;
    this.#unsubscribe = options.objectives.subscribe({
      onAdd: (objective) => this.#feedOf(objective)?.update(objective),
      onUpdate: (_before, objective) => this.#feedOf(objective)?.update(objective),
      onDelete: (objective) => this.#end(objective.metadata.uid ?? ''),
    });
  }

  /** @returns the way to stop listening. @throws HubError 503 when too many listen already. */
  subscribe(objective: Objective, listener: FeedListener, cursor: Cursor): () => void {
    const uid = objective.metadata.uid ?? '';
    this.#refuseTooMany(uid);
    const entry = this.#feeds.get(uid) ?? this.#open(uid, objective);
    if (entry.linger) this.#options.clock.clearTimeout(entry.linger);
    entry.linger = undefined;
    const unsubscribe = entry.feed.subscribe(listener, cursor);
    return () => {
      unsubscribe();
      if (entry.feed.listeners > 0 || this.#feeds.get(uid) !== entry) return;
      entry.linger = this.#options.clock.setTimeout(() => this.#end(uid), LINGER_MS);
    };
  }

  close(): void {
    this.#unsubscribe();
    for (const uid of [...this.#feeds.keys()]) this.#end(uid);
  }

  #feedOf({ metadata }: Objective): ObjectiveFeed | undefined {
    return this.#feeds.get(metadata.uid ?? '')?.feed;
  }

  #open(uid: string, objective: Objective): { feed: ObjectiveFeed; linger: Timer | undefined } {
    const { name, namespace = '' } = objective.metadata;
    const { wagons, access, clock, random } = this.#options;
    const wagonOf = (wagon: string) => wagons.store.get(`${namespace}/${wagon}`);
    const feed = new ObjectiveFeed({ uid, name, namespace }, { wagonOf, access, clock, random });
    const entry = { feed, linger: undefined };
    this.#feeds.set(uid, entry);
    feed.update(objective);
    return entry;
  }

  #end(uid: string): void {
    const entry = this.#feeds.get(uid);
    if (!entry) return;
    this.#feeds.delete(uid);
    if (entry.linger) this.#options.clock.clearTimeout(entry.linger);
    entry.feed.end();
  }

  #refuseTooMany(uid: string): void {
    const listening = [...this.#feeds.values()].reduce((sum, { feed }) => sum + feed.listeners, 0);
    if (listening < MAX_LISTENERS && (this.#feeds.has(uid) || this.#feeds.size < MAX_FEEDS)) return;
    throw new HubError(503, 'TooManyListeners', 'too many pages follow Objectives here: close some', {
      'retry-after': '10',
    });
  }
}
