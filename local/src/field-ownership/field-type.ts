/** What a scalar of a schema may be. */
export type ScalarType = 'numeric' | 'string' | 'boolean' | 'untyped';

/** How the items of a list are told apart: not at all (the list has one owner), by their value, or by some of their members. */
export interface ListType {
  relation: 'atomic' | 'set' | 'map';
  keys: readonly string[];
  items: FieldType;
}

/** An object. An atomic one has one owner for all that is in it. */
export interface MapType {
  atomic: boolean;
  fields: ReadonlyMap<string, FieldType>;
  /** The type of members that are not declared; undefined where there may be none. */
  rest: FieldType | undefined;
  /** Defaults of members: a list's key may be left out where it has one. */
  defaults: ReadonlyMap<string, string | number | boolean>;
}

/**
 * What field ownership needs to know of a schema: where values are merged member by member, where item by item, and where one owner owns
 * all. A value of unknown type has several of the three members. Types may refer to themselves.
 */
export interface FieldType {
  scalar?: ScalarType | undefined;
  list?: ListType | undefined;
  map?: MapType | undefined;
}

const NO_FIELDS: MapType['fields'] = new Map();
const NO_DEFAULTS: MapType['defaults'] = new Map();

/** A value that has one owner, whatever it is. */
export const UNTYPED_ATOMIC: FieldType = (() => {
  const type: FieldType = { scalar: 'untyped' };
  type.list = { relation: 'atomic', keys: [], items: type };
  type.map = { atomic: true, fields: NO_FIELDS, rest: type, defaults: NO_DEFAULTS };
  return type;
})();

/** A value that no schema describes: its objects merge member by member, its lists do not. */
export const DEDUCED: FieldType = (() => {
  const type: FieldType = { scalar: 'untyped', list: { relation: 'atomic', keys: [], items: UNTYPED_ATOMIC } };
  type.map = { atomic: false, fields: NO_FIELDS, rest: type, defaults: NO_DEFAULTS };
  return type;
})();

/** The type of a member, if the schema allows it. */
export function memberType(map: MapType, name: string): FieldType | undefined {
  return map.fields.get(name) ?? map.rest;
}

/** The one of the possible types that a value has; all of them where it has none, or is null. */
export function deduceType(type: FieldType, value: unknown): FieldType {
  if (value === null || value === undefined) return type;
  if (typeof value !== 'object') return type.scalar ? { scalar: type.scalar } : type;
  if (Array.isArray(value)) return type.list ? { list: type.list } : type;
  return type.map ? { map: type.map } : type;
}
