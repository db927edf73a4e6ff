import { readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/index.ts';

/** What `generated/kubernetes.json` holds: schemas and query parameters of a real API server's OpenAPI document. */
interface KubernetesOpenApi {
  version: string;
  schemas: Record<string, JsonObject>;
  parameters: Record<string, JsonObject>;
}

let loaded: KubernetesOpenApi | undefined;

/** The recorded schemas of Kubernetes, read from disk when first asked for. */
export function kubernetesOpenApi(): KubernetesOpenApi {
  loaded ??= JSON.parse(
    readFileSync(new URL('./generated/kubernetes.json', import.meta.url), 'utf8'),
  ) as KubernetesOpenApi;
  return loaded;
}

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

/** The name of the schema of a built-in kind, or undefined where it was not recorded. */
export function builtinSchemaName({ group, version, kind }: GroupVersionKind): string | undefined {
  return Object.entries(kubernetesOpenApi().schemas).find(([name, schema]) => {
    const kinds = schema['x-kubernetes-group-version-kind'];
    const isOwn = !name.includes('.apis.meta.v1.');
    return (
      isOwn &&
      Array.isArray(kinds) &&
      kinds.some(
        (own) => isJsonObject(own) && own['group'] === group && own['version'] === version && own['kind'] === kind,
      )
    );
  })?.[0];
}

function* references(value: JsonValue | undefined): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* references(item);
  else if (isJsonObject(value))
    for (const [key, member] of Object.entries(value)) {
      if (key === '$ref' && typeof member === 'string') yield member.slice(member.lastIndexOf('/') + 1);
      else yield* references(member);
    }
}

/** Adds to `schemas` the recorded schemas that its members refer to, directly or not. In place. */
export function addReferences(schemas: Record<string, JsonObject>, from: JsonValue): void {
  for (const name of references(from)) {
    const schema = kubernetesOpenApi().schemas[name];
    if (schema === undefined || schemas[name] !== undefined) continue;
    schemas[name] = schema;
    addReferences(schemas, schema);
  }
}
