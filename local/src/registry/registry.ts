import type { KubeObject } from '../json/kube-object.ts';
import type { Attributes } from '../store/key-index.ts';
import { configMaps } from './builtin/config-map.ts';
import { customResourceDefinitions } from './builtin/custom-resource-definition.ts';
import { events } from './builtin/event.ts';
import { leases } from './builtin/lease.ts';
import { namespaces } from './builtin/namespace.ts';
import { secrets } from './builtin/secret.ts';
import type { Resource } from './resource.ts';

const BUILTINS: readonly Resource[] = [configMaps, events, namespaces, secrets, leases, customResourceDefinitions];

/** A group and one version of it, with the resources in it. */
export interface GroupVersion {
  group: string;
  version: string;
  resources: Resource[];
}

/** Every resource that is served now: the built-in ones and those of the CRDs. */
export class Registry {
  readonly #byPath = new Map<string, Resource>();
  readonly #byKind = new Map<string, Resource>();
  readonly #byStorage = new Map<string, Resource[]>();
  #groups: GroupVersion[] | undefined;

  constructor() {
    for (const resource of BUILTINS) this.#add(resource);
  }

  /** The resource at `/apis/<group>/<version>/…/<plural>`, undefined when it is not served. */
  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** The resource of a kind, as ownerReferences name it. */
  findKind(apiVersion: string, kind: string): Resource | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  /** Any served version of what is stored under that name. */
  stored(storage: string): Resource | undefined {
    return this.#byStorage.get(storage)?.[0];
  }

  /** Every resource, one version of each. */
  all(): Resource[] {
    return [...this.#byStorage.values()].flatMap(([first]) => first ?? []);
  }

  /** Replaces the versions that a CRD serves. With an empty list it is served no longer. */
  replace(storage: string, resources: readonly Resource[]): void {
    for (const resource of this.#byStorage.get(storage) ?? []) {
      this.#byPath.delete(`${resource.group}/${resource.version}/${resource.plural}`);
      this.#byKind.delete(`${resource.apiVersion}/${resource.kind}`);
    }
    this.#byStorage.delete(storage);
    for (const resource of resources) this.#add(resource);
    this.#groups = undefined;
  }

  /** Groups and versions in the order of discovery: core first, then built-in groups, then by name. */
  groupVersions(): GroupVersion[] {
    if (this.#groups) return this.#groups;
    const groups = new Map<string, GroupVersion>();
    for (const resource of [...this.#byStorage.values()].flat()) {
      const { apiVersion, group, version } = resource;
      const found = groups.get(apiVersion) ?? { group, version, resources: [] };
      found.resources.push(resource);
      groups.set(apiVersion, found);
    }
    this.#groups = [...groups.values()];
    for (const { resources } of this.#groups) resources.sort((a, b) => (a.plural < b.plural ? -1 : 1));
    return this.#groups;
  }

  /** What selectors see of a stored object. */
  attributesOf(storage: string, object: KubeObject): Attributes {
    const { name, namespace, labels } = object.metadata;
    const own = this.stored(storage)?.strategy.selectableFields(object);
    const fields = {
      ...own,
      'metadata.name': name,
      ...(namespace !== undefined && { 'metadata.namespace': namespace }),
    };
    return { labels, fields };
  }

  #add(resource: Resource): void {
    this.#byPath.set(`${resource.group}/${resource.version}/${resource.plural}`, resource);
    this.#byKind.set(`${resource.apiVersion}/${resource.kind}`, resource);
    const versions = this.#byStorage.get(resource.storage);
    if (versions) versions.push(resource);
    else this.#byStorage.set(resource.storage, [resource]);
  }
}
