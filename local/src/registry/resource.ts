import type { NameRule } from '../admission/metadata.ts';
import type { FieldSet } from '../field-ownership/field-set.ts';
import type { FieldType } from '../field-ownership/field-type.ts';
import type { JsonObject } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import type { FieldError } from '../schema/field-error.ts';

/** What one printer column of a custom resource shows, as in its CRD. */
export interface PrinterColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

/** The rules of one kind: what the server does to its objects around a write. Functions change objects in place. */
export interface Strategy {
  /** PUT to a name that does not exist creates it. */
  readonly allowCreateOnUpdate: boolean;
  /** PUT without a resourceVersion replaces whatever is there. */
  readonly allowUnconditionalUpdate: boolean;
  readonly nameRule: NameRule;
  /** Checks types, drops unknown fields, applies defaults. Gives the paths of the unknown ones. @throws ApiError */
  decode(object: JsonObject): string[];
  /** What `decode` does to an object that a server-side apply has made, whose types and fields are known to be right. @throws ApiError */
  complete(object: JsonObject): void;
  prepareForCreate(object: KubeObject): void;
  prepareForUpdate(object: KubeObject, old: KubeObject): void;
  validateCreate(object: KubeObject): FieldError[];
  validateUpdate(object: KubeObject, old: KubeObject): FieldError[];
  /** For the status subresource: takes over from `old` all that a status update may not change. */
  prepareForStatusUpdate(object: KubeObject, old: KubeObject): void;
  validateStatusUpdate(object: KubeObject, old: KubeObject): FieldError[];
  /**
   * For kinds that are deleted in two steps: marks the object, which then stays until a controller here has cleared what hangs on it.
   * `now` is the deletion timestamp.
   */
  beginDeletion?(object: KubeObject, now: string): void;
  /** Fields for selectors, besides metadata.name and metadata.namespace. */
  selectableFields(object: KubeObject): { [path: string]: string };
  /** The names that field selectors may use, besides metadata.name and metadata.namespace. */
  readonly selectableFieldNames: readonly string[];
}

/** What the record of who owns which field goes by. */
export interface OwnershipRules {
  readonly type: FieldType;
  /** An object in which nothing is set. */
  readonly empty: JsonObject;
  /** What the object's own endpoint does not take. */
  readonly ignored: FieldSet;
  /** What the status subresource does not take. */
  readonly ignoredByStatus: FieldSet;
  /** The type of any version of the kind, served or not; undefined for one that is not there. Built-in kinds have one version. */
  readonly typeOfVersion?: (version: string) => FieldType | undefined;
}

/** One resource in one version, as it is served. */
export interface Resource {
  group: string;
  version: string;
  /** `v1` or `group/version`. */
  apiVersion: string;
  plural: string;
  singular: string;
  kind: string;
  listKind: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  verbs: readonly string[];
  hasStatus: boolean;
  /** Identity in the log, the same for each version. */
  storage: string;
  /** The apiVersion of what lies in the log. */
  storedApiVersion: string;
  /** Objects last written before this revision are pruned and defaulted again when read: the schema was another one then. */
  schemaRevision: number;
  /** Lists of built-in kinds carry no apiVersion and kind in their items; those of custom resources do. */
  custom: boolean;
  /** Columns of a custom resource; built-in ones are printed by their plural. */
  columns: readonly PrinterColumn[] | undefined;
  strategy: Strategy;
  ownership: OwnershipRules;
}

/** The key of an object in the log. */
export function objectKey(resource: Resource, namespace: string, name: string): string {
  return resource.namespaced ? `${namespace}/${name}` : name;
}

/** The bounds (exclusive) of the keys of a namespace; of everything when `namespace` is empty. */
export function keyBounds(resource: Resource, namespace: string): { from: string; to: string } {
  // '0' is the character after '/'.
  return resource.namespaced && namespace
    ? { from: `${namespace}/`, to: `${namespace}0` }
    : { from: '', to: '\u{10ffff}' };
}

/** Name and namespace out of a key. */
export function splitKey(resource: Resource, key: string): { namespace: string; name: string } {
  if (!resource.namespaced) return { namespace: '', name: key };
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
