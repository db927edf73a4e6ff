import type { Clock } from '@dark-carnival/crds/clock';
import { sameSecret, secretDigest } from '../../runtime/secret-digest.ts';
import { BoundedMap } from './bounded-map.ts';

/** A browser that logged in. Lives in this process's memory only: after a restart everybody logs in again. */
export interface Session {
  /** The person's Kubernetes token. It never leaves the process but to the API server. */
  readonly token: string;
  /** Must come back in a header with whatever changes something: a cookie alone proves nothing (cookies ignore ports). */
  readonly csrf: string;
  readonly createdAt: number;
  usedAt: number;
  /** Its person logged out. */
  isClosed: boolean;
}

export const CSRF_HEADER = 'x-carnival-csrf';
const MAX_SESSIONS = 128;
const IDLE_MS = 12 * 3_600_000;
const LIFE_MS = 7 * 24 * 3_600_000;

export class Sessions {
  readonly #clock: Clock;
  readonly #randomBytes: (size: number) => Buffer;
  readonly #sessions = new BoundedMap<Session>(MAX_SESSIONS);

  constructor(clock: Clock, randomBytes: (size: number) => Buffer) {
    this.#clock = clock;
    this.#randomBytes = randomBytes;
  }

  /** @returns the id for the cookie. */
  open(token: string): string {
    const id = this.#randomBytes(32).toString('base64url');
    const now = this.#clock.monotonic();
    const csrf = this.#randomBytes(32).toString('base64url');
    this.#sessions.set(secretDigest(id), { token, csrf, createdAt: now, usedAt: now, isClosed: false });
    return id;
  }

  /** The session of a cookie; undefined for one that is unknown, idle for 12 hours or a week old. */
  find(id: string): Session | undefined {
    const digest = secretDigest(id);
    const session = this.#sessions.get(digest);
    if (session && this.touch(session)) return session;
    this.#sessions.delete(digest);
    return undefined;
  }

  /** Marks a session as used. @returns whether it still lives. */
  touch(session: Session): boolean {
    const now = this.#clock.monotonic();
    if (session.isClosed || now - session.usedAt > IDLE_MS || now - session.createdAt > LIFE_MS) return false;
    session.usedAt = now;
    return true;
  }

  close(id: string): void {
    const digest = secretDigest(id);
    const session = this.#sessions.get(digest);
    if (session) session.isClosed = true;
    this.#sessions.delete(digest);
  }
}

export const provesCsrf = (session: Session, presented: string | undefined): boolean =>
  presented !== undefined && sameSecret(presented, session.csrf);
