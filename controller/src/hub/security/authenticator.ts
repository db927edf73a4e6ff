import type { Clock } from '@dark-carnival/crds/clock';
import { HubError } from '../hub-error.ts';
import { AttemptLimiter } from './attempt-limiter.ts';
import type { Identities, Identity } from './identities.ts';
import { checkSameOrigin } from './request-guards.ts';
import { sessionIdIn } from './session-cookie.ts';
import { CSRF_HEADER, provesCsrf, type Session, type Sessions } from './sessions.ts';

/** Who asks, and how they proved it. */
export interface Caller {
  identity: Identity;
  /** The caller's own Kubernetes token. */
  token: string;
  /** Present for a browser that logged in. */
  session: Session | undefined;
}

/** The parts of a request that prove something. */
export interface Credentials {
  method: string;
  /** Address of the peer. */
  remoteAddress: string;
  /** Address of this machine that it came to. */
  localAddress: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A browser's login is guarded as tightly as a token: ten wrong ones at once, then one in two seconds. */
const GUESSES = { burst: 10, perSecond: 0.5, maxCallers: 1024 };

const unauthorized = (message: string): HubError =>
  new HubError(401, 'Unauthorized', message, { 'www-authenticate': 'Bearer realm="dark-carnival"' });

/** The bearer token of an Authorization header. */
export function bearerOf(headers: Credentials['headers']): string | undefined {
  const header = headers['authorization'];
  return typeof header === 'string' ? /^bearer +(\S+) *$/i.exec(header)?.[1] : undefined;
}

export interface AuthenticatorOptions {
  identities: Identities;
  sessions: Sessions;
  clock: Clock;
  /** Values of Host that are the hub's own. */
  allowedHosts: (localAddress: string) => ReadonlySet<string>;
  port: () => number;
}

/** Finds out who asks. A bearer token goes before a cookie; without either, or with a bad one, nobody gets in. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  /** Shared with the routes that take tickets and wagon tokens: guesses of all sorts count together. */
  readonly guesses: AttemptLimiter;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.guesses = new AttemptLimiter(options.clock, GUESSES);
  }

  /** @throws HubError 401, 403 or 429; ApiError or TransportError when the API server cannot say. */
  async authenticate(credentials: Credentials): Promise<Caller> {
    const { headers } = credentials;
    if (headers['authorization'] !== undefined) {
      const token = bearerOf(headers);
      if (token === undefined) throw unauthorized('the Authorization header must be: Bearer <Kubernetes token>');
      return { identity: await this.#identify(token, credentials), token, session: undefined };
    }
    const session = this.#sessionOf(credentials);
    return { identity: await this.#identify(session.token, credentials), token: session.token, session };
  }

  /** Whether a caller is still who they were, and has not logged out. A page that only listens keeps its session alive. */
  async stillGood({ token, session }: Caller): Promise<boolean> {
    if (session && !this.#options.sessions.touch(session)) return false;
    return (await this.#options.identities.identify(token)) !== undefined;
  }

  #sessionOf({ method, headers, localAddress }: Credentials): Session {
    const cookie = headers['cookie'];
    const id = sessionIdIn(typeof cookie === 'string' ? cookie : undefined, this.#options.port());
    if (id === undefined) {
      throw unauthorized(
        'log in first: `npx carnival open` opens the hub; programs send Authorization: Bearer <Kubernetes token>',
      );
    }
    checkSameOrigin(method, headers, this.#options.allowedHosts(localAddress));
    const session = this.#options.sessions.find(id);
    if (!session) throw unauthorized('the session has ended: `npx carnival open` logs in again');
    const csrf = headers[CSRF_HEADER];
    const safe = method === 'GET' || method === 'HEAD';
    if (!safe && !provesCsrf(session, typeof csrf === 'string' ? csrf : undefined)) {
      throw new HubError(403, 'CsrfMissing', `a session changes things only with the header ${CSRF_HEADER}`);
    }
    return session;
  }

  async #identify(token: string, { remoteAddress }: Credentials): Promise<Identity> {
    // A token that was good before is no guess, so nobody on the same address can lock its owner out.
    const trusted = this.#options.identities.isKnown(token);
    if (!trusted) refuseGuess(this.guesses, remoteAddress);
    const identity = await this.#options.identities.identify(token);
    if (identity === undefined) throw unauthorized('the Kubernetes API does not know this token');
    if (!trusted) this.guesses.succeeded(remoteAddress);
    return identity;
  }
}

/** @throws HubError 429 when the caller has guessed too often; otherwise it counts until `succeeded` takes it back. */
export function refuseGuess(guesses: AttemptLimiter, remoteAddress: string): void {
  const wait = guesses.begin(remoteAddress);
  if (wait === 0) return;
  const headers = { 'retry-after': String(wait) };
  throw new HubError(429, 'TooManyAttempts', `too many attempts failed: try again in ${wait} s`, headers);
}
