import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMergePatch } from '../patch/strategic-merge-patch.ts';
import type { Resource } from '../registry/resource.ts';
import { fieldError } from '../schema/field-error.ts';
import { ApiError, badRequest, invalid, unsupportedMediaType } from '../status/api-error.ts';
import type { Api, Target, WriteOptions, WriteResult } from './api.ts';
import { type Body, type Decoded, decodeValue, parsePatch } from './decode.ts';
import { checkName, updateObject } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';

type Patch = (object: JsonObject, patch: JsonValue) => JsonValue;

/** The media types that a resource can be patched with. Server-side apply is not among them: it needs a record of who owns which field. */
export function patchTypes(resource: Resource): string[] {
  return resource.custom ? [JSON_PATCH, MERGE_PATCH] : [JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH];
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
  const apply = patchOf(resource, mediaType);
  return updateObject(api, target, (old) => patched(target, apply, old, body, options), options);
}

/** Strict field validation of a patch blames the patch, and shows what it would have made. */
function strictPatchError(text: string, why: string): ApiError {
  const { message, type, field } = fieldError.invalid('patch', text, why);
  return new ApiError(422, 'Invalid', ` "" is invalid: ${field}: ${message}`, {
    causes: [{ reason: type, message, field }],
  });
}

/** A patch may repeat the uid, not change it. */
function checkUid({ resource, name }: Target, object: KubeObject, own: string | undefined): void {
  const { uid } = object.metadata;
  if (!uid || uid === own) return;
  const error = fieldError.invalid('metadata.uid', uid, 'field is immutable');
  throw invalid(resource.group, resource.kind, name, resource.custom ? [error, error] : [error]);
}

function patched(target: Target, apply: Patch, old: KubeObject, body: Body, options: WriteOptions): Decoded {
  const patch = parsePatch(body);
  // A patch may be applied in place.
  const { uid } = old.metadata;
  const value = apply(old, patch);
  if (!isJsonObject(value)) {
    const given = Array.isArray(patch) ? 'array' : typeof patch;
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${given} into Go value of type map[string]interface {}`,
    );
  }
  if (target.resource.custom && value['apiVersion'] !== target.resource.apiVersion) {
    const error = fieldError.invalid('apiVersion', value['apiVersion'], `must be ${target.resource.apiVersion}`);
    throw invalid(target.resource.group, target.resource.kind, target.name, [error]);
  }
  const text = JSON.stringify(value);
  const decoded = decodeValue(target.resource, value, options, [], (why) => strictPatchError(text, why));
  checkUid(target, decoded.object, uid);
  checkName(target, decoded.object);
  return decoded;
}
