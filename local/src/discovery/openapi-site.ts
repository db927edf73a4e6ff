import { type JsonObject, objectAt } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { type OpenApiResource, openApiDocument, openApiHash, openApiIndex } from '../openapi/index.ts';
import { customResourceDefinitions } from '../registry/builtin/custom-resource-definition.ts';
import { versionsOf } from '../registry/crd/definition.ts';
import type { Registry } from '../registry/registry.ts';
import type { Resource } from '../registry/resource.ts';
import type { RevisionStore } from '../store/revision-store.ts';
import { servedGroups } from './discovery.ts';

const ROOT = '/openapi/v3';

interface Document {
  group: string;
  version: string;
  hash: string;
  body: JsonObject;
}

/** Serves /openapi/v3. Documents are built when first asked for, and again after a CRD changed. */
export class OpenApiSite {
  readonly #registry: Registry;
  readonly #store: RevisionStore;
  #documents: Document[] = [];
  /** The revision of the CRDs that the documents show. */
  #builtAt = -1;

  constructor(registry: Registry, store: RevisionStore) {
    this.#registry = registry;
    this.#store = store;
  }

  /** The document at a path, with its hash unless it is the index; undefined when there is none. */
  document(path: string): { body: JsonObject; hash?: string } | undefined {
    if (!path.startsWith(ROOT)) return undefined;
    const documents = this.#current();
    const rest = path.slice(ROOT.length).replace(/^\/|\/$/g, '');
    if (rest === '') return { body: openApiIndex(documents) };
    return documents.find(({ group, version }) => rest === (group ? `apis/${group}/${version}` : `api/${version}`));
  }

  #current(): Document[] {
    const revision = this.#store.lastChange(customResourceDefinitions.storage);
    if (revision === this.#builtAt) return this.#documents;
    this.#documents = servedGroups(this.#registry).map(({ group, version, resources, reviews }) => {
      const described = [
        ...resources.map((resource) => this.#describe(resource)),
        ...reviews.map(({ kind, plural }) => ({ kind, plural, namespaced: false, createOnly: true })),
      ];
      const body = openApiDocument({ group, version, resources: described });
      return { group, version, body, hash: openApiHash(body) };
    });
    this.#builtAt = revision;
    return this.#documents;
  }

  #describe(resource: Resource): OpenApiResource {
    const { kind, plural, namespaced, hasStatus } = resource;
    const base = { kind, plural, namespaced, status: hasStatus };
    if (!resource.custom) return base;
    const selectableFields = resource.strategy.selectableFieldNames.map((name) => `.${name}`);
    return { ...base, schema: this.#schemaOf(resource), selectableFields };
  }

  #schemaOf(resource: Resource): JsonObject {
    const entry = this.#store.entry(customResourceDefinitions.storage, `${resource.plural}.${resource.group}`);
    const crd: KubeObject | undefined = entry && this.#store.object(entry);
    const version = crd && versionsOf(crd).find(({ name }) => name === resource.version);
    return objectAt(objectAt(version?.raw, 'schema'), 'openAPIV3Schema') ?? {};
  }
}
