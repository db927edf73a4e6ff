import type { Heartbeat } from '@dark-carnival/crds';
import type { Timeline } from './timeline.ts';

/** Whether somebody leads, and takes a heartbeat now: at once, after a freeze, or not at all. */
export type Delivery = 'refused' | 'lost' | { takenAt: number };

export interface FleetWagonOptions {
  name: string;
  timeline: Timeline;
  random: () => number;
  /** Hands a heartbeat to whoever leads. @returns what comes of it; `taken` runs when it is taken in. */
  deliver: (heartbeat: Heartbeat, taken: () => void) => Delivery;
  /** Digest of the grants that it holds. */
  providersDigest: string;
}

const INTERVAL_MS = 10_000;
const ANSWER_MS = 5_000;
const FIRST_RETRY_MS = 100;

/** A wagon as far as the controller sees it: heartbeats in the agent's own rhythm, and answers to probes. */
export class FleetWagon {
  readonly name: string;
  readonly #options: FleetWagonOptions;
  diedAt: number | undefined;
  /** Since when it lives, again. */
  aliveSince = 0;
  /** Its heartbeats get lost until then, though it answers. */
  muteUntil = 0;
  /** Nothing gets through until then, in either direction. */
  cutUntil = 0;
  /** When a heartbeat was last taken in by a leader. */
  heardAt = 0;
  instance = 1;
  #failures = 0;

  constructor(options: FleetWagonOptions) {
    this.#options = options;
    this.name = options.name;
    options.timeline.at(options.random() * INTERVAL_MS, () => this.#beat());
  }

  get isAlive(): boolean {
    return this.diedAt === undefined;
  }

  die(): void {
    this.diedAt = this.#options.timeline.now;
  }

  /** Starts anew, as another instance. */
  revive(): void {
    this.diedAt = undefined;
    this.aliveSince = this.#options.timeline.now;
    this.instance += 1;
    this.#failures = 0;
    this.#beat();
  }

  get answers(): boolean {
    return this.isAlive && this.#options.timeline.now >= this.cutUntil;
  }

  get #heartbeat(): Heartbeat {
    return {
      nodeID: this.name,
      role: 'CORE',
      address: `http://127.0.0.1:9/${this.name}`,
      instanceID: `${this.name}-${this.instance}`,
      version: '1',
      jobs: { running: 0, capacity: 2 },
      vault: { files: 0, bytes: 0 },
      providers: [],
      providersDigest: this.#options.providersDigest,
    };
  }

  #beat(): void {
    if (!this.isAlive) return;
    const { timeline, random, deliver } = this.#options;
    const { instance } = this;
    const next = (afterMs: number) =>
      timeline.at(timeline.now + afterMs, () => {
        if (this.instance === instance) this.#beat();
      });
    const isCutOff = timeline.now < Math.max(this.muteUntil, this.cutUntil);
    const delivery = isCutOff
      ? 'lost'
      : deliver(this.#heartbeat, () => {
          this.heardAt = timeline.now;
        });
    const jittered = INTERVAL_MS * (0.9 + 0.2 * random());
    const waitMs = delivery === 'refused' ? 0 : delivery === 'lost' ? ANSWER_MS : delivery.takenAt - timeline.now;
    if (typeof delivery === 'object' && waitMs <= ANSWER_MS) {
      this.#failures = 0;
      next(waitMs + jittered);
      return;
    }
    const backoff = FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10) * (0.5 + random() / 2);
    this.#failures += 1;
    next(Math.min(waitMs, ANSWER_MS) + Math.min(jittered, backoff));
  }
}
