import { GROUP, type KubeObject, type ResourceRef } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { HubError } from '../hub-error.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Identity } from './identities.ts';

/** What a route needs, as RBAC words. Everything is in group darkcarnival.dev. */
export interface ObjectPermission {
  verb: 'get' | 'list' | 'watch' | 'create' | 'delete';
  resource: 'wagons' | 'objectives';
  subresource?: 'vault' | 'log' | 'jointokens';
}

/** What a route needs that is about no object: the path itself, as for the API server's own. */
export interface PathPermission {
  verb: 'get';
  path: '/metrics';
}

export type Permission = ObjectPermission | PathPermission;

type Attributes = { resourceAttributes: Record<string, string> } | { nonResourceAttributes: Record<string, string> };

type SelfSubjectAccessReview = KubeObject<Attributes, { allowed?: unknown; reason?: unknown }>;

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
    const attributes = attributesOf(permission, namespace, name);
    const key = `${identity.tokenDigest}\n${JSON.stringify(attributes)}`;
    const known = this.#answers.get(key);
    const fresh = known !== undefined && this.#clock.monotonic() - known.askedAt < BELIEVED_MS;
    const allowed = fresh ? known.allowed : await this.#ask(key, identity, attributes);
    if (allowed) return;
    throw new HubError(403, 'Forbidden', `${identity.username} may not ${inWords(permission, namespace)}`);
  }

  async #ask(key: string, identity: Identity, spec: Attributes): Promise<boolean> {
    const askedAt = this.#clock.monotonic();
    const review = await identity.client.create<SelfSubjectAccessReview>(SELF_SUBJECT_ACCESS_REVIEWS, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: { name: '' },
      spec,
    });
    const allowed = review.status?.allowed === true;
    this.#answers.set(key, { allowed, askedAt });
    return allowed;
  }
}

function attributesOf(permission: Permission, namespace: string, name: string): Attributes {
  if ('path' in permission) return { nonResourceAttributes: { ...permission } };
  const { verb, resource, subresource = '' } = permission;
  return { resourceAttributes: { group: GROUP, verb, resource, subresource, namespace, name } };
}

function inWords(permission: Permission, namespace: string): string {
  if ('path' in permission) return `${permission.verb} ${permission.path}`;
  const { verb, resource, subresource } = permission;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${what}.${GROUP} in namespace ${namespace}`;
}
