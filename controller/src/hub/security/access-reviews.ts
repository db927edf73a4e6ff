import { GROUP, type KubeObject, type ResourceRef } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { HubError } from '../hub-error.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Identity } from './identities.ts';

/** What a route needs, as RBAC words. Everything is in group darkcarnival.dev. */
export interface Permission {
  verb: 'get' | 'list' | 'watch' | 'create' | 'delete';
  resource: 'wagons' | 'objectives';
  subresource?: 'vault' | 'log' | 'jointokens';
}

type SelfSubjectAccessReview = KubeObject<
  { resourceAttributes: Record<string, string> },
  { allowed?: unknown; reason?: unknown }
>;

const SELF_SUBJECT_ACCESS_REVIEWS: ResourceRef = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
};

const BELIEVED_MS = 30_000;
const MAX_ANSWERS = 4096;

/**
 * What the hub answers from its own caches, or passes on to a wagon with the wagon's token, no RBAC rule has seen yet: so the API server is asked
 * first, with the caller's own token.
 */
export class AccessReviews {
  readonly #clock: Clock;
  readonly #answers = new BoundedMap<{ allowed: boolean; askedAt: number }>(MAX_ANSWERS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws HubError 403 that names the missing permission; ApiError or TransportError when nobody can say. */
  async require(identity: Identity, permission: Permission, namespace: string, name = ''): Promise<void> {
    const { verb, resource, subresource = '' } = permission;
    const key = [identity.tokenDigest, namespace, name, verb, resource, subresource].join('\n');
    const known = this.#answers.get(key);
    const fresh = known !== undefined && this.#clock.monotonic() - known.askedAt < BELIEVED_MS;
    const allowed = fresh
      ? known.allowed
      : await this.#ask(key, identity, { verb, resource, subresource, namespace, name });
    if (allowed) return;
    const what = subresource === '' ? resource : `${resource}/${subresource}`;
    throw new HubError(
      403,
      'Forbidden',
      `${identity.username} may not ${verb} ${what}.${GROUP} in namespace ${namespace}`,
    );
  }

  async #ask(key: string, identity: Identity, attributes: Record<string, string>): Promise<boolean> {
    const askedAt = this.#clock.monotonic();
    const review = await identity.client.create<SelfSubjectAccessReview>(SELF_SUBJECT_ACCESS_REVIEWS, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: { name: '' },
      spec: { resourceAttributes: { group: GROUP, ...attributes } },
    });
    const allowed = review.status?.allowed === true;
    this.#answers.set(key, { allowed, askedAt });
    return allowed;
  }
}
