import { cloneJson, goJsonType, isJsonObject, type JsonObject, type JsonValue, objectAt } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMergePatch } from '../patch/strategic-merge-patch.ts';
import type { Resource } from '../registry/resource.ts';
import { fieldError } from '../schema/field-error.ts';
import { ApiError, badRequest, internalError, invalid, unsupportedMediaType } from '../status/api-error.ts';
import type { Api, Target, WriteOptions, WriteResult } from './api.ts';
import { APPLY, applyObject } from './apply.ts';
import { type Body, type Decoded, decodeValue, parsePatch, unknownKind } from './decode.ts';
import { withoutRecord } from './field-owners.ts';
import { checkName, updateObject } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';

type Patch = (object: JsonObject, patch: JsonValue) => JsonValue;

/** The media types that a resource can be patched with. */
export function patchTypes(resource: Resource): string[] {
  return resource.custom ? [JSON_PATCH, MERGE_PATCH, APPLY] : [JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, APPLY];
}

function patchOf(resource: Resource, mediaType: string): Patch {
  if (!patchTypes(resource).includes(mediaType)) throw unsupportedMediaType(patchTypes(resource));
  if (mediaType === JSON_PATCH) return applyJsonPatch;
  return mediaType === MERGE_PATCH ? mergePatch : strategicMergePatch;
}

/** PATCH. @param mediaType the body's, without parameters. @throws ApiError */
export function patchObject(
  api: Api,
  target: Target,
  mediaType: string,
  body: Body,
  options: WriteOptions,
): WriteResult {
  const { resource } = target;
  if (mediaType === APPLY && patchTypes(resource).includes(mediaType)) return applyObject(api, target, body, options);
  const apply = patchOf(resource, mediaType);
  return updateObject(api, target, (old) => patched(target, apply, old, body, options), options);
}

/** What cannot be decoded blames the patch, and shows what it would have made. */
function patchError(text: string, why: string): ApiError {
  const { message, type, field } = fieldError.invalid('patch', text, why);
  return new ApiError(422, 'Invalid', ` "" is invalid: ${field}: ${message}`, {
    causes: [{ reason: type, message, field }],
  });
}

const RECORD = '/metadata/managedFields';

/** True when a patch may read or change the record of field owners, which is often half of an object and otherwise need not be copied. */
function concernsRecord(patch: JsonValue): boolean {
  if (!Array.isArray(patch)) {
    if (!isJsonObject(patch) || patch['metadata'] === undefined) return false;
    return objectAt(patch, 'metadata')?.['managedFields'] !== undefined || !isJsonObject(patch['metadata']);
  }
  const reaches = (path: JsonValue | undefined) =>
    typeof path === 'string' && (path.startsWith(RECORD) || RECORD.startsWith(`${path}/`));
  return patch.some(
    (operation) => isJsonObject(operation) && (reaches(operation['path']) || reaches(operation['from'])),
  );
}

/** @throws ApiError 422, or 500 as the real server where there is no apiVersion */
function checkCustomKind({ resource, name }: Target, value: JsonObject): void {
  const { kind, apiVersion } = value;
  if (!kind) {
    const text = JSON.stringify(value);
    throw patchError(text, `Object 'Kind' is missing in '${text}'`);
  }
  if (!apiVersion) throw internalError("Object 'apiVersion' is missing in 'object has no apiVersion field'");
  if (apiVersion === resource.apiVersion) return;
  const error = fieldError.invalid('apiVersion', apiVersion, `must be ${resource.apiVersion}`);
  throw invalid(resource.group, resource.kind, name, [error]);
}

/** A built-in kind stays what it is: a strategic merge patch cannot say otherwise, the other patches may leave it out. @throws ApiError 422 */
function settleBuiltinKind(resource: Resource, value: JsonObject, apply: Patch): void {
  if (apply === strategicMergePatch) {
    value['kind'] = resource.kind;
    value['apiVersion'] = resource.apiVersion;
  }
  value['kind'] ??= resource.kind;
  const { kind, apiVersion } = value;
  if (typeof kind !== 'string') {
    const why = `json: cannot unmarshal ${goJsonType(kind)} into Go struct field .kind of type string`;
    throw patchError(JSON.stringify(value), `couldn't get version/kind; json parse error: ${why}`);
  }
  if (typeof apiVersion !== 'string' || (kind === resource.kind && apiVersion === resource.apiVersion)) return;
  throw patchError(JSON.stringify(value), unknownKind(kind, apiVersion));
}

function patched(target: Target, apply: Patch, old: KubeObject, body: Body, options: WriteOptions): Decoded {
  const patch = parsePatch(body, apply === strategicMergePatch ? '' : undefined);
  // A patch may be applied in place.
  const value = apply(cloneJson(concernsRecord(patch) ? old : withoutRecord(old)), patch);
  if (value === null) throw badRequest('Invalid JSON Patch');
  if (!isJsonObject(value)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goJsonType(patch)} into Go value of type map[string]interface {}`,
    );
  }
  if (target.resource.custom) checkCustomKind(target, value);
  else settleBuiltinKind(target.resource, value, apply);
  // Decoding drops what a strict error shows.
  const strict = options.fieldValidation === 'Strict' ? JSON.stringify(value) : undefined;
  const refuse = (why: string) => patchError(strict ?? JSON.stringify(value), why);
  const decoded = decodeValue(target.resource, value, options, { strictError: refuse, typeError: refuse });
  checkName(target, decoded.object);
  return { ...decoded, isPatched: true };
}
