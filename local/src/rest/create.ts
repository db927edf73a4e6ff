import type { KubeObject } from '../json/kube-object.ts';
import { namespaces } from '../registry/builtin/namespace.ts';
import { objectKey, type Resource } from '../registry/resource.ts';
import {
  ApiError,
  alreadyExists,
  badRequest,
  forbidden,
  generatedNameTaken,
  invalid,
  notFound,
} from '../status/api-error.ts';
import type { Entry } from '../store/key-index.ts';
import { type Api, nowOf, readEntry, type WriteOptions, type WriteResult } from './api.ts';
import { type Body, type Decoded, decodeBody } from './decode.ts';
import { recordUpdate } from './field-owners.ts';
import { dropDuplicateOwners } from './owner-references.ts';
import { putObject } from './put-object.ts';

/** Letters of generated names: no vowels, so no words; nothing that reads like another letter. */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_GENERATED_BASE = 63 - SUFFIX_LENGTH;

/** POST to a collection. @throws ApiError */
export function createObject(
  api: Api,
  resource: Resource,
  namespace: string,
  body: Body,
  options: WriteOptions,
): WriteResult {
  const decoded = decodeBody(resource, body, options);
  dropDuplicateOwners(decoded.object, options);
  return { code: 201, object: insertObject(api, resource, namespace, decoded, options) };
}

/** Creates a decoded object. @throws ApiError */
export function insertObject(
  api: Api,
  resource: Resource,
  namespace: string,
  { object, isRecorded }: Pick<Decoded, 'object' | 'isRecorded'>,
  options: WriteOptions,
): KubeObject {
  matchNamespace(resource, namespace, object);
  const meta = object.metadata;
  if (meta.resourceVersion) throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  checkNamespaceOpen(api, resource, namespace, meta.name ?? '');
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  delete meta.generation;
  if (!isRecorded) recordUpdate(api, resource, '', object, undefined, options.fieldManager);
  meta.creationTimestamp = nowOf(api);
  meta.uid = api.newUid();
  const isGenerated = !meta.name && meta.generateName !== undefined;
  if (isGenerated) meta.name = generatedName(api, meta.generateName ?? '');
  resource.strategy.prepareForCreate(object);
  const errors = resource.strategy.validateCreate(object);
  if (errors.length > 0) throw invalid(resource.group, object.kind, meta.name ?? '', errors);
  const key = objectKey(resource, namespace, meta.name);
  const taken = api.store.entry(resource.storage, key);
  if (taken) throw nameTaken(api, resource, taken, isGenerated);
  if (options.dryRun) return object;
  putObject(api, resource, key, object);
  return object;
}

function nameTaken(api: Api, resource: Resource, entry: Entry, isGenerated: boolean): ApiError {
  const { metadata } = readEntry(api, resource, entry);
  const error = (isGenerated ? generatedNameTaken : alreadyExists)(resource, metadata.name);
  if (!metadata.deletionTimestamp) return error;
  return new ApiError(error.code, error.reason, `object is being deleted: ${error.message}`, error.details);
}

function generatedName(api: Api, prefix: string): string {
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i += 1) suffix += SUFFIX_LETTERS[Math.floor(api.random() * SUFFIX_LETTERS.length)];
  return prefix.slice(0, MAX_GENERATED_BASE) + suffix;
}

/** The namespace of the body is that of the path; an absent one is filled in. @throws ApiError 400 */
export function matchNamespace(resource: Resource, namespace: string, object: KubeObject): void {
  const own = object.metadata.namespace ?? '';
  if (!resource.namespaced) {
    delete object.metadata.namespace;
    return;
  }
  if (own && own !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  object.metadata.namespace = namespace;
}

/** Nothing is created in a namespace that does not exist, or that is going away. @throws ApiError 404 or 403 */
function checkNamespaceOpen(api: Api, resource: Resource, namespace: string, name: string): void {
  if (!resource.namespaced) return;
  const entry = api.store.entry(namespaces.storage, namespace);
  if (!entry) throw notFound(namespaces, namespace);
  if (api.store.attributes(entry).fields['status.phase'] !== 'Terminating') return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  throw forbidden(resource, name, why, [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]);
}
