import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts';
import { asMember, type FieldSet, LEAF } from './field-set.ts';
import { deduceType, type FieldType, type ListType, type MapType, memberType } from './field-type.ts';
import { fieldElement, itemsByElement } from './path-element.ts';

type Children = { [element: string]: FieldSet };

/** Every field that an object names, as structured-merge-diff's `ToFieldSet`: leaves, items, and members of open maps. */
export function fieldsOf(value: JsonObject, type: FieldType): FieldSet {
  return fieldsBelow(value, type) ?? LEAF;
}

/** The fields of a value as a node: a leaf is the value itself; undefined when it names none. */
function fieldsBelow(value: JsonValue, type: FieldType | undefined): FieldSet | undefined {
  const { map, scalar, list } = deduceType(type ?? { scalar: 'untyped' }, value);
  if (map) return fieldsOfMap(value, map);
  if (scalar || !list) return LEAF;
  return fieldsOfList(value, list);
}

function fieldsOfMap(value: JsonValue, type: MapType): FieldSet | undefined {
  if (type.atomic) return LEAF;
  if (!isJsonObject(value)) return undefined;
  const children: Children = {};
  let isEmpty = true;
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const node = fieldsBelow(member, memberType(type, name));
    const isNamed = !type.fields.has(name) || member === null || isEmptyObject(member);
    if (!node && !isNamed) continue;
    children[fieldElement(name)] = isNamed ? asMember(node) : (node as FieldSet);
    isEmpty = false;
  }
  return isEmpty ? undefined : children;
}

function isEmptyObject(value: JsonValue): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function fieldsOfList(value: JsonValue, type: ListType): FieldSet | undefined {
  if (type.relation === 'atomic') return LEAF;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const children: Children = {};
  for (const [element, items] of itemsByElement(type, value)) {
    const [item] = items;
    children[element] = items.length > 1 || item === undefined ? LEAF : asMember(fieldsBelow(item, type.items));
  }
  return children;
}
