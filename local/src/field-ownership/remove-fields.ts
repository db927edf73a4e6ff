import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../json/json.ts';
import { type FieldSet, hasChildren, isMember, LEAF } from './field-set.ts';
import { deduceType, type FieldType, type ListType, type MapType, memberType } from './field-type.ts';
import { fieldElement, itemElement } from './path-element.ts';

/**
 * The object without the members and items of a set, as structured-merge-diff's `RemoveItems`. What loses everything becomes null, which
 * defaulting then takes away. The object is not changed; the result shares parts of it.
 */
export function removeFields(value: JsonObject, set: FieldSet, type: FieldType): JsonObject {
  return (removeBelow(value, set, type) ?? {}) as JsonObject;
}

function removeBelow(value: JsonValue, set: FieldSet, type: FieldType | undefined): JsonValue {
  const kind = deduceType(type ?? { scalar: 'untyped' }, value);
  if (kind.map) return removeFromMap(value, set, kind.map);
  if (kind.scalar || !kind.list) return value;
  return removeFromList(value, set, kind.list);
}

function removeFromMap(value: JsonValue, set: FieldSet, type: MapType): JsonValue {
  if (!isJsonObject(value) || type.atomic) return null;
  const left: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    const node = set[fieldElement(name)];
    if (member === undefined || (node && isMember(node))) continue;
    setMember(left, name, node && hasChildren(node) ? removeBelow(member, node, memberType(type, name)) : member);
  }
  return Object.keys(left).length > 0 ? left : null;
}

function removeFromList(value: JsonValue, set: FieldSet, type: ListType): JsonValue {
  if (!Array.isArray(value) || type.relation === 'atomic') return null;
  const left: JsonValue[] = [];
  for (const item of value) {
    const element = itemElement(type, item);
    const node = typeof element === 'string' ? (set[element] ?? undefined) : undefined;
    if (node && isMember(node)) continue;
    left.push(node && node !== LEAF && hasChildren(node) ? removeBelow(item, node, type.items) : item);
  }
  return left.length > 0 ? left : null;
}
