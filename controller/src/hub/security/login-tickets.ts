import type { Clock } from '@dark-carnival/crds/clock';
import { secretDigest } from '../../runtime/secret-digest.ts';
import { BoundedMap } from './bounded-map.ts';

/** A ticket that nobody used is void after this long. */
export const TICKET_SECONDS = 300;
const MAX_TICKETS = 64;

/** Turns a token that a program holds into a URL that a person can click, once. */
export class LoginTickets {
  readonly #clock: Clock;
  readonly #randomBytes: (size: number) => Buffer;
  readonly #tickets = new BoundedMap<{ token: string; expiresAt: number }>(MAX_TICKETS);

  constructor(clock: Clock, randomBytes: (size: number) => Buffer) {
    this.#clock = clock;
    this.#randomBytes = randomBytes;
  }

  issue(token: string): string {
    const ticket = this.#randomBytes(32).toString('base64url');
    const expiresAt = this.#clock.monotonic() + TICKET_SECONDS * 1000;
    this.#tickets.set(secretDigest(ticket), { token, expiresAt });
    return ticket;
  }

  /** The token behind a ticket, once; undefined for one that is unknown, used or too old. */
  redeem(ticket: string): string | undefined {
    const digest = secretDigest(ticket);
    const found = this.#tickets.get(digest);
    this.#tickets.delete(digest);
    return found !== undefined && this.#clock.monotonic() < found.expiresAt ? found.token : undefined;
  }
}
