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
  const given = isJsonObject(operation) ? asTheRealServer(document, operation) : operation;
  return jsonPatch.applyOperation(document, given as unknown as Operation, true, true, true).newDocument;
}

/**
 * What an operation comes to where it names a member that its parent lacks. The RFC refuses it; the real server's library (evanphx/json-patch v4) reads the
 * member as null: `replace` sets it, `copy` copies null, `test` for null holds.
 */
function asTheRealServer(document: JsonValue, operation: JsonObject): JsonObject {
  const { op, path, from, value } = operation;
  if (op === 'replace' && lacks(document, path)) return { ...operation, op: 'add' };
  if (op === 'copy' && lacks(document, from)) return { op: 'add', path: path as JsonValue, value: null };
  if (op === 'test' && value === null && lacks(document, path)) return { op: 'test', path: '', value: document };
  return operation;
}

/** Whether a pointer leads to an object that is there, and to a member that is not. */
function lacks(document: JsonValue, pointer: JsonValue | undefined): boolean {
  if (typeof pointer !== 'string' || !pointer.startsWith('/')) return false;
  const members = pointer.slice(1).split('/').map(jsonPatch.unescapePathComponent);
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
