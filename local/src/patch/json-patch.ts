import jsonPatch from 'fast-json-patch';
import type { JsonObject, JsonValue } from '../json/json.ts';
import { ApiError, badRequest } from '../status/api-error.ts';

const MAX_OPERATIONS = 10_000;

/** RFC 6902. The target may be changed, so it must be the caller's own. @throws ApiError 400, 413, or 422 when an operation cannot be applied */
export function applyJsonPatch(target: JsonObject, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  if (patch.length > MAX_OPERATIONS) {
    const message = `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new ApiError(413, 'RequestEntityTooLarge', message);
  }
  try {
    return jsonPatch.applyPatch(target, patch as never, true, true, true).newDocument as JsonValue;
  } catch {
    throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
}
