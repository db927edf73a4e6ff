import type { Heartbeat } from '@dark-carnival/crds';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { Liveness, LivenessListener, LivenessView } from '../ports/liveness.ts';

/** How often this process looks whether it was asleep. */
const TICK_MS = 5_000;
/** A tick that is so late means that heartbeats could not be taken in either. */
const STALL_MS = 10_000;

/** A heartbeat after so long is news, whatever it says. */
const SILENCE_MS = 25_000;

interface Life {
  heartbeat: Heartbeat;
  heardAt: number;
  heardAtWall: number;
}

/** Last-seen in memory, by the monotonic clock. */
export class InMemoryLiveness implements Liveness {
  readonly #clock: Clock;
  readonly #lives = new Map<string, Life>();
  readonly #listeners = new Set<LivenessListener>();
  /** Before this moment nobody could be heard. */
  #graceFrom: number;
  #lastTick: number;
  #timer: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#graceFrom = clock.monotonic();
    this.#lastTick = this.#graceFrom;
    this.#timer = clock.setTimeout(() => this.#tick(), TICK_MS);
  }

  /** Lets every age begin anew: a new leader has not been listening before. */
  beginGrace(): void {
    this.#graceFrom = this.#clock.monotonic();
  }

  record(namespace: string, name: string, heartbeat: Heartbeat): void {
    const key = `${namespace}/${name}`;
    const now = this.#clock.monotonic();
    const life = this.#lives.get(key);
    this.#lives.set(key, { heartbeat, heardAt: now, heardAtWall: this.#clock.now() });
    const before = life && now - life.heardAt < SILENCE_MS ? life.heartbeat : undefined;
    if (before && JSON.stringify(news(before)) === JSON.stringify(news(heartbeat))) return;
    for (const listener of this.#listeners) listener(namespace, name);
  }

  view(namespace: string, name: string): LivenessView {
    this.#noticeStall();
    const now = this.#clock.monotonic();
    const life = this.#lives.get(`${namespace}/${name}`);
    return {
      ageMs: now - Math.max(this.#graceFrom, life?.heardAt ?? 0),
      heardAgoMs: life && now - life.heardAt,
      heardAt: life && new Date(life.heardAtWall).toISOString(),
      heartbeat: life?.heartbeat,
    };
  }

  forget(namespace: string, name: string): void {
    this.#lives.delete(`${namespace}/${name}`);
  }

  onChange(listener: LivenessListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the watch over this process's own sleep. */
  close(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #tick(): void {
    this.#noticeStall();
    this.#timer = this.#clock.setTimeout(() => this.#tick(), TICK_MS);
  }

  /** Also asked at each view: after a stall a decision may run before the late tick does. */
  #noticeStall(): void {
    const now = this.#clock.monotonic();
    if (now - this.#lastTick > TICK_MS + STALL_MS) this.#graceFrom = now;
    if (now - this.#lastTick >= TICK_MS) this.#lastTick = now;
  }
}

/** What of a heartbeat is worth telling: all but how large the vault is. */
function news({ vault: _, ...rest }: Heartbeat): Omit<Heartbeat, 'vault'> {
  return rest;
}
