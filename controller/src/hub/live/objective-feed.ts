import type { Objective, Wagon, WagonEvent } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { WagonAccess } from '../wagon-access.ts';
import { type Cursor, encodeCursor, type Position } from './cursor.ts';
import { EventLog, type LoggedEvent } from './event-log.ts';
import { type TailState, WagonTail } from './wagon-tail.ts';

/** Who follows one Objective. */
export interface FeedListener {
  onEvent(logged: LoggedEvent): void;
  /** How many events are missing here. */
  onGap(missing: number): void;
  onSource(wagon: string, state: TailState): void;
  /** The Objective is gone. */
  onEnd(): void;
}

export interface FeedDeps {
  wagonOf: (name: string) => Wagon | undefined;
  access: WagonAccess;
  clock: Clock;
  random: () => number;
}

/** Live events of one Objective: one upstream per wagon that works on it, shared by all who listen. */
export class ObjectiveFeed {
  readonly #deps: FeedDeps;
  readonly #objective: { uid: string; name: string; namespace: string };
  readonly #log = new EventLog();
  readonly #positions = new Map<string, Position>();
  readonly #tails = new Map<string, { tail: WagonTail; state: TailState }>();
  readonly #listeners = new Set<FeedListener>();

  constructor(objective: { uid: string; name: string; namespace: string }, deps: FeedDeps) {
    this.#objective = objective;
    this.#deps = deps;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Follows the Objective to wherever it is worked on now. */
  update(objective: Objective): void {
    const wanted = wagonsOf(objective);
    for (const [wagon, { tail }] of this.#tails) {
      if (wanted.has(wagon)) continue;
      tail.stop();
      this.#tails.delete(wagon);
    }
    for (const wagon of wanted) if (!this.#tails.has(wagon)) this.#open(wagon);
  }

  /** Tells a listener what came after its cursor, then whatever comes. @returns the way to stop listening. */
  subscribe(listener: FeedListener, cursor: Cursor): () => void {
    const { events, missing } = this.#log.after(cursor);
    if (missing > 0) listener.onGap(missing);
    for (const logged of events) listener.onEvent(logged);
    for (const [wagon, { state }] of this.#tails) listener.onSource(wagon, state);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends all upstreams; the listeners are told that it is over. */
  end(): void {
    for (const { tail } of this.#tails.values()) tail.stop();
    this.#tails.clear();
    for (const listener of this.#listeners) listener.onEnd();
    this.#listeners.clear();
  }

  #open(wagon: string): void {
    const { wagonOf, access, clock, random } = this.#deps;
    const entry = { state: { state: 'connecting' } as TailState };
    const tail = new WagonTail({
      wagon: () => wagonOf(wagon),
      objective: this.#objective,
      access,
      clock,
      random,
      onEvent: (epoch, event) => this.#publish(wagon, epoch, event),
      onState: (state) => {
        entry.state = state;
        for (const listener of this.#listeners) listener.onSource(wagon, state);
      },
    });
    this.#tails.set(wagon, Object.assign(entry, { tail }));
  }

  #publish(wagon: string, epoch: string, event: WagonEvent): void {
    // A greeting is for the connection, not for the history of the debate.
    if (event.type === 'hello') return;
    this.#positions.set(wagon, { epoch, seq: event.seq });
    const logged = { wagon, epoch, event, cursor: encodeCursor(this.#positions) };
    this.#log.push(logged);
    for (const listener of this.#listeners) listener.onEvent(logged);
  }
}

/** The wagon of the debate, and those that have tasks of it in hand. */
function wagonsOf({ status }: Objective): Set<string> {
  const busy = (status?.tasks ?? []).filter(({ state }) => state === 'Running').map(({ wagonName }) => wagonName);
  return new Set([status?.wagonName, ...busy].filter((name) => name !== undefined));
}
