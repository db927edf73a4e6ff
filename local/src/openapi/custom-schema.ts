import { isJsonObject, type JsonObject } from '../schema/index.ts';
import type { GroupVersionKind } from './kubernetes-schemas.ts';

const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
const META = '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1';
const API_VERSION = {
  description: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${CONVENTIONS}#resources`,
  type: 'string',
};
const KIND = {
  description: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${CONVENTIONS}#types-kinds`,
  type: 'string',
};

/** The name of a custom resource's schema: the group reversed, the version, the kind. */
export function customSchemaName({ group, version, kind }: GroupVersionKind): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

const selectable = (fields: readonly string[]) =>
  fields.length > 0
    ? { 'x-kubernetes-selectable-fields': fields.map((path) => ({ fieldPath: path.replace(/^\./, '') })) }
    : {};

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

/** Says of an int-or-string in plain OpenAPI what its mark says to Kubernetes. */
function withIntOrString(schema: JsonObject): JsonObject {
  const copy: JsonObject = { ...schema };
  const { properties, items, additionalProperties } = schema;
  if (schema['x-kubernetes-int-or-string'] === true && schema['anyOf'] === undefined) copy['anyOf'] = INT_OR_STRING;
  if (isJsonObject(items)) copy['items'] = withIntOrString(items);
  if (isJsonObject(additionalProperties)) copy['additionalProperties'] = withIntOrString(additionalProperties);
  if (isJsonObject(properties)) {
    const entries = Object.entries(properties).map(([name, child]) => [
      name,
      isJsonObject(child) ? withIntOrString(child) : child,
    ]);
    copy['properties'] = Object.fromEntries(entries);
  }
  return copy;
}

/** The schema of a custom resource as the API server publishes it: the CRD's, with apiVersion, kind and metadata described. */
export function customSchema(
  gvk: GroupVersionKind,
  schema: JsonObject,
  selectableFields: readonly string[],
): JsonObject {
  const { properties } = withIntOrString({ properties: {}, ...schema }) as { properties: JsonObject };
  return {
    ...withIntOrString(schema),
    properties: {
      ...properties,
      apiVersion: API_VERSION,
      kind: KIND,
      metadata: {
        description: `Standard object's metadata. More info: ${CONVENTIONS}#metadata`,
        allOf: [{ $ref: `${META}.ObjectMeta` }],
      },
    },
    'x-kubernetes-group-version-kind': [{ group: gvk.group, kind: gvk.kind, version: gvk.version }],
    ...selectable(selectableFields),
  };
}

/** The schema of a list of custom resources. */
export function customListSchema(
  gvk: GroupVersionKind,
  plural: string,
  selectableFields: readonly string[],
): JsonObject {
  return {
    description: `${gvk.kind}List is a list of ${gvk.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: API_VERSION,
      items: {
        description: `List of ${plural}. More info: ${CONVENTIONS}`,
        type: 'array',
        items: { $ref: `#/components/schemas/${customSchemaName(gvk)}` },
      },
      kind: KIND,
      metadata: {
        description: `Standard list metadata. More info: ${CONVENTIONS}#types-kinds`,
        allOf: [{ $ref: `${META}.ListMeta` }],
      },
    },
    'x-kubernetes-group-version-kind': [{ group: gvk.group, kind: `${gvk.kind}List`, version: gvk.version }],
    ...selectable(selectableFields),
  };
}
