import { ApplyConflictError } from '../field-ownership/apply-conflict.ts';
import { problemText, typeProblems } from '../field-ownership/check-types.ts';
import { applyAsKubectl } from '../field-ownership/last-applied.ts';
import { writeOwners } from '../field-ownership/owner.ts';
import type { WriteScope } from '../field-ownership/ownership.ts';
import { cloneJson, goJsonType, isJsonObject, type JsonObject, objectAt, stringAt } from '../json/json.ts';
import type { KubeObject, ObjectMeta } from '../json/kube-object.ts';
import { parseYaml, YamlProblem } from '../json/yaml.ts';
import { objectKey } from '../registry/resource.ts';
import { ApiError, badRequest, conflict, notFound } from '../status/api-error.ts';
import type { Api, Target, WriteOptions, WriteResult } from './api.ts';
import { insertObject } from './create.ts';
import { type Body, completeApplied, type Decoded, yamlDuplicates } from './decode.ts';
import { lostVersion, ownersOf, setRecord, withoutRecord, writeScope } from './field-owners.ts';
import { checkName, updateObject } from './update.ts';

/** The media type of server-side apply. The body may be YAML or JSON. */
export const APPLY = 'application/apply-patch+yaml';

/** PATCH with an apply configuration: creates the object where it is absent. @throws ApiError */
export function applyObject(api: Api, target: Target, body: Body, options: WriteOptions): WriteResult {
  const { resource, namespace, name } = target;
  const entry = api.store.entry(resource.storage, objectKey(resource, namespace, name));
  const scope = writeScope(api, resource, target.subresource);
  if (entry) {
    const change = (old: KubeObject) => applied(target, scope, body, { object: old, rev: entry.rev }, options);
    return updateObject(api, target, change, options);
  }
  if (target.subresource) throw notFound(resource, name);
  const decoded = applied(target, scope, body, undefined, options);
  const { object } = decoded;
  const { uid } = object.metadata;
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(resource, name, why);
  }
  checkName(target, object);
  delete (object.metadata as Partial<ObjectMeta>).resourceVersion;
  return { code: 201, object: insertObject(api, resource, namespace, decoded, options) };
}

function applied(
  target: Target,
  scope: WriteScope,
  body: Body,
  before: { object: KubeObject; rev: number } | undefined,
  options: WriteOptions,
): Decoded {
  const { resource } = target;
  const configuration = readConfiguration(target, scope, body);
  const live = before ? withoutRecord(before.object) : scope.empty;
  const owners = before ? ownersOf(scope, resource, before.object, before.rev) : [];
  const lost = lostVersion(scope, resource, owners);
  if (lost !== undefined) throw new ApiError(500, '', `request to convert CR to an invalid group/version: ${lost}`);
  try {
    const { fieldManager, force } = options;
    const result = applyAsKubectl(live, configuration, owners, fieldManager, scope, force);
    checkDuplicates(body, options);
    const object = completeApplied(resource, cloneJson(result.object));
    setRecord(object, writeOwners(result.owners));
    if (before) checkName(target, object);
    return { object, isRecorded: true, isPatched: true };
  } catch (error) {
    throw error instanceof ApplyConflictError ? error.toApiError() : error;
  }
}

/** The configuration of a body: an object of the kind, of its types, without a record of owners. @throws ApiError 400, 500 */
function readConfiguration({ resource }: Target, scope: WriteScope, body: Body): JsonObject {
  const configuration = parseConfiguration(body);
  const [apiVersion, kind] = [stringAt(configuration, 'apiVersion') ?? '', stringAt(configuration, 'kind') ?? ''];
  if (apiVersion !== resource.apiVersion || kind !== resource.kind)
    throw badRequest(`invalid object type: ${printKind(apiVersion, kind)}`);
  const metadata = objectAt(configuration, 'metadata');
  if (metadata?.['managedFields'] !== undefined && metadata['managedFields'] !== null)
    throw badRequest('metadata.managedFields must be nil');
  const problems = typeProblems(configuration, scope.type);
  if (problems.length > 0) {
    const name = `${stringAt(metadata, 'namespace') ?? ''}/${stringAt(metadata, 'name') ?? ''}`;
    const what = `${name}; ${printKind(apiVersion, kind)}`;
    throw new ApiError(500, '', `failed to create typed patch object (${what}): ${problemText(problems)}`);
  }
  return configuration;
}

/** As Go prints a GroupVersionKind. */
function printKind(apiVersion: string, kind: string): string {
  return `${apiVersion.includes('/') || apiVersion === '' ? apiVersion || '/' : `/${apiVersion}`}, Kind=${kind}`;
}

function parseConfiguration({ bytes }: Body): JsonObject {
  let value: unknown;
  try {
    value = parseYaml(bytes.toString());
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
  if (value === null) return {};
  if (isJsonObject(value)) return value;
  throw badRequest(
    `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${goJsonType(value)} into Go value of type map[string]interface {}`,
  );
}

/** Keys that stand twice are told of; when field validation is strict they are refused. @throws ApiError 400 */
function checkDuplicates(body: Body, { fieldValidation, warnings }: WriteOptions): void {
  if (fieldValidation === 'Ignore') return;
  const duplicates = yamlDuplicates(body.bytes.toString());
  if (fieldValidation === 'Warn') warnings.push(...duplicates.warnings);
  else if (duplicates.refusals.length > 0)
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${duplicates.refusals[0]}`);
}
