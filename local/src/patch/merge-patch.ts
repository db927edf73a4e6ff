import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../json/json.ts';

/** RFC 7386: members are merged, null removes, everything else replaces. The target may be changed. */
export function mergePatch(target: JsonValue, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const merged: JsonObject = isJsonObject(target) ? target : {};
  for (const member of Object.keys(patch)) {
    const value = patch[member] as JsonValue;
    if (value === null) delete merged[member];
    else
      setMember(
        merged,
        member,
        mergePatch(Object.hasOwn(merged, member) ? (merged[member] as JsonValue) : null, value),
      );
  }
  return merged;
}
