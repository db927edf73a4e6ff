import type { Clock } from '@dark-carnival/crds/clock';
import { WaitingRoom } from '../lease/waiting-room.ts';

/** Longest that a job is held, in milliseconds. Whoever held it may be gone for good; a debate goes on from its turns in another attempt. */
export const HOLD_LIMIT_MS = 7 * 24 * 3_600_000;

export interface HoldOptions {
  clock: Clock;
  /** Wall time since when it is held, as an earlier life of the wagon wrote it down. */
  since: number | undefined;
  /** Whether a slot is free for a job that gave its own up while it waited. */
  slotIsFree: () => boolean;
  /** Told when the job gives its slot up or takes one again. */
  onParked: () => void;
}

/** The order that no call of a job may begin. A job that waits under it takes no slot of the wagon, and needs one to go on. */
export class Hold {
  readonly #options: HoldOptions;
  readonly #room: WaitingRoom;
  #since: number | undefined;
  #began = new AbortController();
  #parked = false;
  /** Time under earlier holds, and the beginning of this one, on the monotonic clock. */
  #pastMs = 0;
  #from: number | undefined;

  constructor(options: HoldOptions) {
    this.#options = options;
    this.#room = new WaitingRoom(options.clock);
    if (options.since !== undefined) this.#begin(options.since);
  }

  get held(): boolean {
    return this.#since !== undefined;
  }

  /** The job waits and takes no slot: it is held, or was and waits for one. */
  get parked(): boolean {
    return this.#parked;
  }

  /** Aborts when a hold begins, to end waits that must not count its time. Ask for it anew after each hold. */
  get began(): AbortSignal {
    return this.#began.signal;
  }

  /** Begins or ends the hold; again is the same. */
  set(held: boolean): void {
    if (held === this.held) return;
    if (held) this.#begin(this.#options.clock.now());
    else this.#end();
  }

  /** A slot may be free: one that waits for it goes on. */
  look(): void {
    if (!this.held && this.#parked && this.#options.slotIsFree()) this.#park(false);
    if (!this.held && !this.#parked) this.#room.wakeAll();
  }

  /**
   * Waits while the job is held, and for a slot where it gave its own up.
   * @returns false where `signal` aborted or the hold lasted longer than HOLD_LIMIT_MS. Never rejects.
   */
  async untilReleased(signal: AbortSignal): Promise<boolean> {
    if (this.held) this.#park(true);
    while (this.held || this.#parked) {
      const { clock } = this.#options;
      const leftMs = this.#since === undefined ? HOLD_LIMIT_MS : this.#since + HOLD_LIMIT_MS - clock.now();
      if (leftMs <= 0) return false;
      // Woken or not: what counts is looked at again.
      await this.#room.wait({ signal, maxWaitMs: Math.min(leftMs, HOLD_LIMIT_MS) });
      if (signal.aborted) return false;
    }
    return true;
  }

  /** A clock whose monotonic time stands still while the job is held: for limits on work. */
  workClock(): Clock {
    const { clock } = this.#options;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() - this.#heldMs,
      setTimeout: (run, delayMs) => clock.setTimeout(run, delayMs),
      clearTimeout: (timer) => clock.clearTimeout(timer),
    };
  }

  get #heldMs(): number {
    return this.#pastMs + (this.#from === undefined ? 0 : this.#options.clock.monotonic() - this.#from);
  }

  #begin(since: number): void {
    this.#since = since;
    this.#from = this.#options.clock.monotonic();
    this.#began.abort();
  }

  #end(): void {
    this.#pastMs = this.#heldMs;
    this.#from = undefined;
    this.#since = undefined;
    this.#began = new AbortController();
    this.look();
  }

  #park(parked: boolean): void {
    if (parked === this.#parked) return;
    this.#parked = parked;
    this.#options.onParked();
  }
}
