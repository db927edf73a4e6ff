import type { JsonObject } from '../schema/index.ts';
import { customListSchema, customSchema, customSchemaName } from './custom-schema.ts';
import { addReferences, builtinSchemaName, type GroupVersionKind, kubernetesOpenApi } from './kubernetes-schemas.ts';
import {
  collectionOperations,
  listEverywhere,
  listParameters,
  type OperationContext,
  objectOperations,
  queryParameters,
} from './operations.ts';

/** One resource of a group version as the document describes it. */
export interface OpenApiResource {
  kind: string;
  plural: string;
  namespaced: boolean;
  /** The `openAPIV3Schema` of a custom resource; a built-in one has none here. */
  schema?: JsonObject;
  /** Whether the status subresource is served. */
  status?: boolean;
  /** The `jsonPath`s of `selectableFields`. */
  selectableFields?: readonly string[];
  /** A resource that can only be created, such as a SelfSubjectAccessReview. */
  createOnly?: boolean;
}

/** A group version with its resources. */
export interface OpenApiInput {
  group: string;
  version: string;
  resources: readonly OpenApiResource[];
}

type Schemas = Record<string, JsonObject>;

const NAME: [string, string] = ['name', 'name of the'];
const NAMESPACE: [string, string] = ['namespace', 'object name and auth scope, such as for teams and projects'];

function pathParameter([name, description]: [string, string], kind: string): JsonObject {
  return {
    name,
    in: 'path',
    description: name === 'name' ? `${description} ${kind}` : description,
    required: true,
    schema: { type: 'string', uniqueItems: true },
  };
}

function addSchemas(
  schemas: Schemas,
  gvk: GroupVersionKind,
  resource: OpenApiResource,
): { schema: string; listSchema: string } | undefined {
  if (resource.schema) {
    const selectable = resource.selectableFields ?? [];
    const name = customSchemaName(gvk);
    schemas[name] = customSchema(gvk, resource.schema, selectable);
    schemas[`${name}List`] = customListSchema(gvk, resource.plural, selectable);
    return { schema: name, listSchema: `${name}List` };
  }
  const name = builtinSchemaName(gvk);
  if (name === undefined) return undefined;
  for (const recorded of [name, `${name}List`]) {
    const schema = kubernetesOpenApi().schemas[recorded];
    if (schema) schemas[recorded] = schema;
  }
  return { schema: name, listSchema: `${name}List` };
}

function addPaths(
  paths: Record<string, JsonObject>,
  root: string,
  context: OperationContext,
  resource: OpenApiResource,
): void {
  const { plural, namespaced, kind } = resource;
  const own = namespaced ? [pathParameter(NAMESPACE, kind)] : [];
  const base = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const collection = collectionOperations(context);
  const shared = [...own, ...queryParameters(['pretty'])];
  if (resource.createOnly) {
    paths[base] = { ...(collection['post'] ? { post: collection['post'] } : {}), parameters: shared };
    return;
  }
  const named = [pathParameter(NAME, kind), ...shared];
  paths[base] = { ...collection, parameters: shared };
  paths[`${base}/{name}`] = { ...objectOperations(context, ''), parameters: named };
  if (resource.status) paths[`${base}/{name}/status`] = { ...objectOperations(context, 'Status'), parameters: named };
  if (namespaced) paths[`${root}/${plural}`] = { get: listEverywhere(context), parameters: listParameters() };
}

const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The OpenAPI v3 document of a group version, as `kubectl explain` and `kubectl apply` read it at `/openapi/v3/apis/<group>/<version>`. */
export function openApiDocument({ group, version, resources }: OpenApiInput): JsonObject {
  const schemas: Schemas = {};
  const paths: Record<string, JsonObject> = {};
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const isCustom = resources.some((resource) => resource.schema !== undefined);
  for (const resource of resources) {
    const names = addSchemas(schemas, { group, version, kind: resource.kind }, resource);
    if (!names) continue;
    const { kind, namespaced } = resource;
    addPaths(
      paths,
      root,
      { group, version, kind, namespaced, ...names, builtin: resource.schema === undefined },
      resource,
    );
  }
  addReferences(schemas, { ...schemas });
  addReferences(schemas, paths);
  return {
    openapi: '3.0.0',
    info: isCustom
      ? { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }
      : { title: 'Kubernetes', version: kubernetesOpenApi().version },
    paths: sorted(paths),
    components: { schemas: sorted(schemas) },
  };
}
