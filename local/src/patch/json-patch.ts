import jsonPatch, { type Operation } from 'fast-json-patch';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts';
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
    return patch.reduce<JsonValue>(applyOperation, target);
  } catch {
    throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
}

function applyOperation(document: JsonValue, operation: JsonValue): JsonValue {
  const given = replacesAbsent(document, operation) ? { ...operation, op: 'add' } : operation;
  return jsonPatch.applyOperation(document, given as unknown as Operation, true, true, true).newDocument;
}

/** The real server lets `replace` set a member that is not there, where the RFC refuses it. */
function replacesAbsent(document: JsonValue, operation: JsonValue): operation is JsonObject {
  if (!isJsonObject(operation) || operation['op'] !== 'replace') return false;
  const path = operation['path'];
  if (typeof path !== 'string' || !path.startsWith('/')) return false;
  const members = path.slice(1).split('/').map(jsonPatch.unescapePathComponent);
  const last = members.pop() ?? '';
  const parent = members.reduce<unknown>(
    (value, member) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, member)
        ? (value as JsonObject)[member]
        : undefined,
    document,
  );
  return isJsonObject(parent) && !Object.hasOwn(parent, last);
}
