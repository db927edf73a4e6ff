/**
 * Takes from a real kube-apiserver the schemas of the built-in kinds that the local server serves, so that `kubectl explain`
 * reads there as it does on a cluster. Run by hand when the Kubernetes version changes:
 *
 *     kubectl proxy --port 8001 & node test/conformance/extract-openapi.ts http://127.0.0.1:8001
 */
import { writeFileSync } from 'node:fs';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Schemas = Record<string, Json>;
interface Document {
  info: { version: string };
  paths: Record<string, Record<string, { parameters?: Parameter[] } | Parameter[]>>;
  components: { schemas: Schemas };
}
interface Parameter {
  name: string;
  in: string;
  description: string;
  schema: Json;
}

const KINDS: Record<string, string[]> = {
  'api/v1': ['ConfigMap', 'Event', 'Namespace', 'Secret'].flatMap((kind) => [`core.v1.${kind}`, `core.v1.${kind}List`]),
  'apis/coordination.k8s.io/v1': ['coordination.v1.Lease', 'coordination.v1.LeaseList'],
  'apis/authorization.k8s.io/v1': ['authorization.v1.SelfSubjectAccessReview'],
  'apis/authentication.k8s.io/v1': ['authentication.v1.SelfSubjectReview'],
  'apis/apiextensions.k8s.io/v1': ['CustomResourceDefinition', 'CustomResourceDefinitionList'],
};
const META = ['DeleteOptions', 'Patch', 'Status', 'ListMeta', 'ObjectMeta'].map(
  (kind) => `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`,
);
const PARAMETERS = new Set(
  [
    'allowWatchBookmarks continue dryRun fieldManager fieldSelector fieldValidation force gracePeriodSeconds labelSelector limit',
    'ignoreStoreReadErrorWithClusterBreakingPotential orphanDependents pretty propagationPolicy resourceVersion resourceVersionMatch',
    'sendInitialEvents timeoutSeconds watch',
  ].flatMap((line) => line.split(' ')),
);
const SERVED_GROUPS = new Set(['', ...Object.keys(KINDS).flatMap((path) => path.split('/').slice(1, 2))]);

function* references(value: Json): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* references(item);
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) {
      if (key === '$ref' && typeof member === 'string') yield member.slice(member.lastIndexOf('/') + 1);
      else yield* references(member);
    }
}

function close(name: string, from: Schemas, into: Schemas): void {
  const schema = from[name];
  if (into[name] !== undefined || schema === undefined) return;
  into[name] = schema;
  for (const reference of references(schema)) close(reference, from, into);
}

/** Some meta kinds list every group of the cluster; only those that are served here stay. */
function keepServedGroups(schema: Json): void {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
  const kinds = schema['x-kubernetes-group-version-kind'];
  if (!Array.isArray(kinds) || kinds.length < 2) return;
  schema['x-kubernetes-group-version-kind'] = kinds.filter(
    (kind) =>
      typeof kind === 'object' &&
      kind !== null &&
      !Array.isArray(kind) &&
      SERVED_GROUPS.has(String(kind['group'])) &&
      kind['version'] === 'v1',
  );
}

/** The parameters by name; in a patch the field manager is described differently, so it is kept apart. */
function collectParameters(document: Document, into: Record<string, Parameter>): void {
  for (const item of Object.values(document.paths)) {
    for (const [method, entry] of Object.entries(item)) {
      for (const parameter of Array.isArray(entry) ? entry : (entry.parameters ?? [])) {
        if (!PARAMETERS.has(parameter.name)) continue;
        const key = method === 'patch' && parameter.name === 'fieldManager' ? 'patch.fieldManager' : parameter.name;
        into[key] ??= parameter;
      }
    }
  }
}

const server = process.argv[2] ?? 'http://127.0.0.1:8001';
const schemas: Schemas = {};
const parameters: Record<string, Parameter> = {};
let version = '';
for (const [path, kinds] of Object.entries(KINDS)) {
  const response = await fetch(`${server}/openapi/v3/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const document = (await response.json()) as Document;
  version = document.info.version;
  collectParameters(document, parameters);
  const prefix = path.includes('apiextensions')
    ? 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'
    : 'io.k8s.api.';
  for (const name of [...kinds.map((kind) => `${prefix}${kind}`), ...META])
    close(name, document.components.schemas, schemas);
}
for (const schema of Object.values(schemas)) keepServedGroups(schema);
const sorted = (record: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
const target = new URL('../../local/src/openapi/generated/kubernetes.json', import.meta.url);
writeFileSync(
  target,
  `${JSON.stringify({ version, schemas: sorted(schemas), parameters: sorted(parameters) }, null, 1)}\n`,
);
console.log(`${Object.keys(schemas).length} schemas of Kubernetes ${version}`);
