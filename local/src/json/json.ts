import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';

export { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../schema/json.ts';

/** The member as an object, or undefined when it is absent or of another type. */
export function objectAt(parent: JsonObject | undefined, member: string): JsonObject | undefined {
  const value = parent?.[member];
  return isJsonObject(value) ? value : undefined;
}

/** The member as a string, or undefined when it is absent or of another type. */
export function stringAt(parent: JsonObject | undefined, member: string): string | undefined {
  const value = parent?.[member];
  return typeof value === 'string' ? value : undefined;
}

/** The member as a list, or an empty one. */
export function listAt(parent: JsonObject | undefined, member: string): JsonValue[] {
  const value = parent?.[member];
  return Array.isArray(value) ? value : [];
}

/** How Go names a JSON value of another type than was wanted. */
export function goJsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** A copy that shares nothing with the original. */
export function cloneJson<T extends JsonValue>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => cloneJson(item)) as T;
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const member of Object.keys(value)) {
    const item = value[member];
    if (item !== undefined) setMember(copy, member, cloneJson(item));
  }
  return copy as T;
}

/** Sets a member that came from outside: `__proto__` becomes an ordinary member, as `JSON.parse` makes it, and never the prototype. */
export function setMember(target: JsonObject, member: string, value: JsonValue): void {
  if (member === '__proto__')
    Object.defineProperty(target, member, { value, enumerable: true, configurable: true, writable: true });
  else target[member] = value;
}
