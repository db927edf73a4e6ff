import type { Clock } from '@dark-carnival/crds/clock';
import { WaitingRoom, type WaitOptions } from './waiting-room.ts';

/** Whether this wagon may start calls and commit files now. */
export interface Lease {
  readonly held: boolean;
  /**
   * Waits until the lease is held.
   * @returns true when it is, false when `maxWaitMs` passed or `signal` aborted first. Never rejects.
   */
  untilHeld(options: WaitOptions): Promise<boolean>;
}

/** A lone wagon answers to nobody: it needs no leave. */
export const noLease: Lease = { held: true, untilHeld: async ({ signal }) => !signal.aborted };

/**
 * The ringmaster's leave, renewed by heartbeats. It lapses by this wagon's own clock, so that a wagon that is cut off stops before anybody
 * else is given its work. A machine that slept stops the monotonic clock on some systems, so the wall clock may end the lease too (a wall
 * clock that jumps costs at most the time to the next heartbeat).
 */
export class RenewableLease implements Lease {
  readonly #clock: Clock;
  readonly #waiting: WaitingRoom;
  #renewed: { monotonic: number; wall: number; forMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#waiting = new WaitingRoom(clock);
  }

  get held(): boolean {
    return this.remainingMs > 0;
  }

  /** Milliseconds left; 0 where there is no lease. */
  get remainingMs(): number {
    if (this.#renewed === undefined) return 0;
    const { monotonic, wall, forMs } = this.#renewed;
    const age = Math.max(this.#clock.monotonic() - monotonic, this.#clock.now() - wall);
    return Math.max(0, forMs - age);
  }

  /**
   * @param askedAt monotonic and wall time when the heartbeat was sent: the ringmaster cannot have answered earlier, so a lease from then
   *   never outlives what it thinks it gave.
   */
  renew(forMs: number, askedAt: { monotonic: number; wall: number }): void {
    this.#renewed = { ...askedAt, forMs };
    if (this.held) this.#waiting.wakeAll();
  }

  /** Gives the lease up at once: the ringmaster said that somebody else has this name. */
  revoke(): void {
    this.#renewed = undefined;
  }

  async untilHeld(options: WaitOptions): Promise<boolean> {
    return this.held ? !options.signal.aborted : this.#waiting.wait(options);
  }
}
