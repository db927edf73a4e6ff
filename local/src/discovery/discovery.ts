import type { JsonObject } from '../json/json.ts';
import type { GroupVersion, Registry } from '../registry/registry.ts';
import type { Resource } from '../registry/resource.ts';

const STATUS_VERBS = ['get', 'patch', 'update'];

/** A resource that has no objects, only an answer. */
export interface VirtualResource {
  group: string;
  version: string;
  plural: string;
  kind: string;
  singular: string;
}

/** What can be asked of the server about the caller. */
export const REVIEWS: readonly VirtualResource[] = [
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    plural: 'selfsubjectreviews',
    kind: 'SelfSubjectReview',
    singular: 'selfsubjectreview',
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    singular: 'selfsubjectaccessreview',
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectrulesreviews',
    kind: 'SelfSubjectRulesReview',
    singular: 'selfsubjectrulesreview',
  },
];

/** Every group version, the reviews included. */
export function servedGroups(
  registry: Registry,
): { group: string; version: string; resources: Resource[]; reviews: VirtualResource[] }[] {
  const served = new Map<
    string,
    { group: string; version: string; resources: Resource[]; reviews: VirtualResource[] }
  >();
  const at = ({ group, version }: { group: string; version: string }) => {
    const key = `${group}/${version}`;
    const found = served.get(key) ?? { group, version, resources: [], reviews: [] };
    served.set(key, found);
    return found;
  };
  for (const groupVersion of registry.groupVersions()) at(groupVersion).resources.push(...groupVersion.resources);
  for (const review of REVIEWS) at(review).reviews.push(review);
  return [...served.values()];
}

/** `/api` */
export function apiVersions(): JsonObject {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** `/apis` */
export function apiGroupList(registry: Registry): JsonObject {
  const names = [...new Set(servedGroups(registry).map(({ group }) => group))].filter((group) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((name) => groupEntry(registry, name)) };
}

function groupEntry(registry: Registry, name: string): JsonObject {
  const versions = servedGroups(registry)
    .filter(({ group }) => group === name)
    .map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] ?? {} };
}

/** `/apis/<group>`, undefined when the group is not served. */
export function apiGroup(registry: Registry, name: string): JsonObject | undefined {
  if (name === '' || !servedGroups(registry).some(({ group }) => group === name)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(registry, name) };
}

/** `/api/v1` or `/apis/<group>/<version>`, undefined when it is not served. */
export function apiResourceList(registry: Registry, group: string, version: string): JsonObject | undefined {
  const found = servedGroups(registry).find((item) => item.group === group && item.version === version);
  if (!found) return undefined;
  const groupVersion = group ? `${group}/${version}` : version;
  const resources = [...found.resources.flatMap(resourceEntries), ...found.reviews.map(reviewEntry)];
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function resourceEntries(resource: Resource): JsonObject[] {
  const { plural, singular, kind, namespaced, verbs, shortNames, categories, hasStatus } = resource;
  const entry: JsonObject = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: [...verbs],
    ...(shortNames.length > 0 && { shortNames: [...shortNames] }),
    ...(categories.length > 0 && { categories: [...categories] }),
  };
  return hasStatus
    ? [entry, { name: `${plural}/status`, singularName: '', namespaced, kind, verbs: STATUS_VERBS }]
    : [entry];
}

function reviewEntry({ plural, singular, kind }: VirtualResource): JsonObject {
  return { name: plural, singularName: singular, namespaced: false, kind, verbs: ['create'] };
}

/** Aggregated discovery, v2: every resource in one document, which is what kubectl asks for first. */
export function aggregatedDiscovery(registry: Registry, isCore: boolean): JsonObject {
  const groups = new Map<string, JsonObject[]>();
  for (const served of servedGroups(registry)) {
    if ((served.group === '') !== isCore) continue;
    const versions = groups.get(served.group) ?? [];
    const resources = [
      ...served.resources.map(aggregatedEntry),
      ...served.reviews.map((review) => aggregatedReview(review)),
    ];
    versions.push({ version: served.version, resources, freshness: 'Current' });
    groups.set(served.group, versions);
  }
  const items = [...groups].map(([name, versions]) => ({ metadata: name ? { name } : {}, versions }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedEntry(resource: Resource): JsonObject {
  const { group, version, kind, plural, singular, namespaced, verbs, shortNames, categories, hasStatus } = resource;
  const responseKind = { group, version, kind };
  return {
    resource: plural,
    responseKind,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [...verbs],
    ...(shortNames.length > 0 && { shortNames: [...shortNames] }),
    ...(categories.length > 0 && { categories: [...categories] }),
    ...(hasStatus && { subresources: [{ subresource: 'status', responseKind, verbs: STATUS_VERBS }] }),
  };
}

function aggregatedReview({ group, version, kind, plural, singular }: VirtualResource): JsonObject {
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: 'Cluster',
    singularResource: singular,
    verbs: ['create'],
  };
}

/** Which group versions there are, for whoever builds documents of them. */
export function groupVersionPaths(registry: Registry): { path: string; groupVersion: GroupVersion }[] {
  return servedGroups(registry).map(({ group, version, resources }) => ({
    path: group ? `apis/${group}/${version}` : `api/${version}`,
    groupVersion: { group, version, resources },
  }));
}
