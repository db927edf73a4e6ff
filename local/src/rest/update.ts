import { anyPathSegment, validateMetadata, validateMetadataUpdate } from '../admission/metadata.ts';
import { jsonEqual } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { objectKey, type Resource } from '../registry/resource.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { ApiError, badRequest, conflict, invalid, MODIFIED_MESSAGE, notFound } from '../status/api-error.ts';
import type { Entry } from '../store/key-index.ts';
import { type Api, readEntry, type Target, type WriteOptions, type WriteResult } from './api.ts';
import { insertObject, matchNamespace } from './create.ts';
import { type Body, type Decoded, decodeBody } from './decode.ts';
import { isSameRecord, recordUpdate, withoutRecord } from './field-owners.ts';
import { dropDuplicateOwners } from './owner-references.ts';
import { putObject } from './put-object.ts';
import { removeObject } from './remove.ts';

/** PUT. @throws ApiError */
export function replaceObject(api: Api, target: Target, body: Body, options: WriteOptions): WriteResult {
  const { resource, namespace, name } = target;
  const decoded = decodeBody(resource, body, options);
  dropDuplicateOwners(decoded.object, options);
  checkName(target, decoded.object);
  const entry = api.store.entry(resource.storage, objectKey(resource, namespace, name));
  if (!entry && resource.strategy.allowCreateOnUpdate && !target.subresource) {
    const object = insertObject(api, resource, namespace, decoded, options);
    return { code: 201, object };
  }
  return updateObject(api, target, () => decoded, options);
}

/** The body's name is the path's. @throws ApiError 400 */
export function checkName(target: Target, object: KubeObject): void {
  const { name, namespace = '' } = object.metadata;
  if (!name)
    throw badRequest(`the name of the object (${target.name} based on URL) was undeterminable: name must be provided`);
  if (name !== target.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  if (target.namespace && namespace && namespace !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/**
 * Changes an object: `change` makes the new state from the old one, which it does not change. An update that changes nothing writes nothing.
 * @throws ApiError
 */
export function updateObject(
  api: Api,
  target: Target,
  change: (old: KubeObject) => Decoded,
  options: WriteOptions,
): WriteResult {
  const { resource, namespace, name } = target;
  const entry = api.store.entry(resource.storage, objectKey(resource, namespace, name));
  if (!entry) throw notFound(resource, name);
  const old = readEntry(api, resource, entry);
  const decoded = change(old);
  const { object, isRecorded } = decoded;
  checkPreconditions(target, entry, decoded, old);
  const before = { object: old, rev: entry.rev };
  if (!isRecorded) recordUpdate(api, resource, target.subresource, object, before, options.fieldManager);
  dropDuplicateOwners(object, options, ' after mutating admission happens');
  prepare(target, object, old);
  const errors = validate(target, object, old);
  if (errors.length > 0) throw invalid(resource.group, object.kind, name, errors);
  return { code: 200, object: commit(api, resource, entry, object, old, options) };
}

/** Optimistic locking, in the order of the real server: uid, then resourceVersion. */
function checkPreconditions(target: Target, entry: Entry, { object, isPatched }: Decoded, old: KubeObject): void {
  const { resource, name } = target;
  const { uid, resourceVersion } = object.metadata;
  if (!isPatched && uid && uid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`;
    throw conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: /registry/${entry.resource.replace(/^\//, '')}/${entry.key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
    );
  }
  if (resourceVersion && resourceVersion !== '0') {
    if (!/^\d+$/.test(resourceVersion))
      throw new ApiError(500, '', `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
    if (resourceVersion !== old.metadata.resourceVersion) throw conflict(resource, name, MODIFIED_MESSAGE);
  } else if (!resource.strategy.allowUnconditionalUpdate) {
    throw invalid(resource.group, resource.plural, name, [
      fieldError.invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  } else object.metadata.resourceVersion = old.metadata.resourceVersion ?? '';
}

/** What an update may not change is taken from the old object, as `rest.BeforeUpdate`. */
function prepare(target: Target, object: KubeObject, old: KubeObject): void {
  const { resource } = target;
  matchNamespace(resource, target.namespace, object);
  const meta = object.metadata;
  delete meta.generation;
  if (old.metadata.generation !== undefined) meta.generation = old.metadata.generation;
  if (target.subresource === 'status') resource.strategy.prepareForStatusUpdate(object, old);
  else resource.strategy.prepareForUpdate(object, old);
  const now = object.metadata;
  if (old.metadata.uid) now.uid ??= old.metadata.uid;
  if (old.metadata.creationTimestamp) now.creationTimestamp = old.metadata.creationTimestamp;
  if (old.metadata.deletionTimestamp) now.deletionTimestamp = old.metadata.deletionTimestamp;
  if (old.metadata.deletionGracePeriodSeconds !== undefined)
    now.deletionGracePeriodSeconds ??= old.metadata.deletionGracePeriodSeconds;
}

function validate(target: Target, object: KubeObject, old: KubeObject): FieldError[] {
  const { resource, subresource } = target;
  const common = [
    ...validateMetadata(object.metadata, resource.namespaced, anyPathSegment),
    ...validateMetadataUpdate(object.metadata, old.metadata),
  ];
  const own = subresource === 'status' ? resource.strategy.validateStatusUpdate : resource.strategy.validateUpdate;
  return [...common, ...own(object, old)];
}

function commit(
  api: Api,
  resource: Resource,
  entry: Entry,
  object: KubeObject,
  old: KubeObject,
  options: WriteOptions,
): KubeObject {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  if (deletionTimestamp && finalizers.length === 0 && !holdsContent(object)) {
    if (!options.dryRun) removeObject(api, resource, entry);
    return object;
  }
  if (isUnchanged(object, old)) return old;
  if (options.dryRun) return object;
  putObject(api, resource, entry.key, object);
  return object;
}

/** A later time in the record of field owners is no change of its own. */
function isUnchanged(object: KubeObject, old: KubeObject): boolean {
  const isSame = jsonEqual(withoutRecord(object), withoutRecord(old));
  return isSame && isSameRecord(object.metadata.managedFields, old.metadata.managedFields);
}

/** A namespace is held by its own `spec.finalizers` until its content is gone. */
function holdsContent(object: KubeObject): boolean {
  const spec = object.kind === 'Namespace' ? (object['spec'] as { finalizers?: string[] }) : undefined;
  return (spec?.finalizers?.length ?? 0) > 0;
}
