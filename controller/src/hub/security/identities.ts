import type { KubeObject, ResourceRef } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { ApiError } from '@dark-carnival/kube';
import { secretDigest } from '../../runtime/secret-digest.ts';
import type { UserClient } from '../hub-deps.ts';
import { HubError } from '../hub-error.ts';
import { BoundedMap } from './bounded-map.ts';

/** Somebody whose token the API server knows. */
export interface Identity {
  username: string;
  groups: readonly string[];
  /** Acts with that very token. */
  client: UserClient;
  /** Stands for the token where the token itself has no business. */
  tokenDigest: string;
}

interface Known {
  identity: Identity;
  checkedAt: number;
}

type SelfSubjectReview = KubeObject<unknown, { userInfo?: { username?: unknown; groups?: unknown } }>;

const SELF_SUBJECT_REVIEWS: ResourceRef = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
};

/** An answer of the API server is believed for this long: a revoked token is out after a minute at most. */
const BELIEVED_MS = 60_000;
const MAX_TOKENS = 256;
/** What may be in an Authorization header at all (RFC 6750), and no more of it than any issuer makes. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{1,8192}$/;

/** Asks the API server who bears a token, by SelfSubjectReview with that very token: the hub itself knows no users. */
export class Identities {
  readonly #clientFor: (token: string) => UserClient;
  readonly #clock: Clock;
  readonly #known = new BoundedMap<Known>(MAX_TOKENS);
  readonly #asking = new Map<string, Promise<Identity | undefined>>();

  constructor(clientFor: (token: string) => UserClient, clock: Clock) {
    this.#clientFor = clientFor;
    this.#clock = clock;
  }

  /** Whether this token was good before: such a caller is no guesser. */
  isKnown(token: string): boolean {
    return this.#known.get(secretDigest(token)) !== undefined;
  }

  /**
   * Who bears the token; undefined where the API server does not know it.
   * @throws ApiError or TransportError when the API server cannot say: nobody gets in on a guess.
   */
  async identify(token: string): Promise<Identity | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const digest = secretDigest(token);
    const known = this.#known.get(digest);
    if (known && this.#clock.monotonic() - known.checkedAt < BELIEVED_MS) return known.identity;
    const asking = this.#asking.get(digest) ?? this.#ask(token, digest);
    this.#asking.set(digest, asking);
    return asking.finally(() => this.#asking.delete(digest));
  }

  async #ask(token: string, digest: string): Promise<Identity | undefined> {
    const checkedAt = this.#clock.monotonic();
    const client = this.#clientFor(token);
    const user = await review(client);
    if (!user) {
      this.#known.delete(digest);
      return undefined;
    }
    const identity = { ...user, client, tokenDigest: digest };
    this.#known.set(digest, { identity, checkedAt });
    return identity;
  }
}

async function review(client: UserClient): Promise<{ username: string; groups: readonly string[] } | undefined> {
  try {
    const answer = await client.create<SelfSubjectReview>(SELF_SUBJECT_REVIEWS, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
      metadata: { name: '' },
    });
    const { username, groups } = answer.status?.userInfo ?? {};
    if (typeof username !== 'string' || username === '' || username === 'system:anonymous') return undefined;
    return { username, groups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [] };
  } catch (error) {
    if (error instanceof ApiError && error.isUnauthorized) return undefined;
    if (error instanceof ApiError && error.isForbidden) {
      throw new HubError(403, 'Forbidden', 'this token may not even ask who it is: bind it to system:basic-user');
    }
    throw error;
  }
}
