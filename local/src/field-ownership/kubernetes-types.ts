import type { JsonObject } from '../json/json.ts';
import { builtinSchemaName, type GroupVersionKind, kubernetesOpenApi } from '../openapi/kubernetes-schemas.ts';
import { DEDUCED, type FieldType } from './field-type.ts';
import { OBJECT_META, SchemaTypes } from './schema-types.ts';

let types: SchemaTypes | undefined;

/** Types by the recorded schemas of Kubernetes, which are read when the first is asked for. */
function kubernetesTypes(): SchemaTypes {
  types ??= new SchemaTypes(kubernetesOpenApi().schemas);
  return types;
}

/** The type of a built-in kind. */
export function builtinType(kind: GroupVersionKind): FieldType {
  const name = builtinSchemaName(kind);
  return name === undefined ? DEDUCED : kubernetesTypes().named(name);
}

/** The type of a custom resource. @param schema the `openAPIV3Schema` of its version */
export function customType(schema: JsonObject): FieldType {
  return kubernetesTypes().customResource(schema, OBJECT_META);
}
