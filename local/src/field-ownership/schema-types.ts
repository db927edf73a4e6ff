import { isJsonObject, type JsonObject, type JsonValue, objectAt } from '../json/json.ts';
import { DEDUCED, type FieldType, type ListType, type MapType, type ScalarType, UNTYPED_ATOMIC } from './field-type.ts';

/** Reads OpenAPI schemas as field types, as kube-openapi's `schemaconv`. One reader per set of named schemas. */
export class SchemaTypes {
  readonly #schemas: { readonly [name: string]: JsonObject };
  /** Also the types that are being read: a schema may refer to itself. */
  readonly #named = new Map<string, FieldType>();

  /** @param schemas what `$ref` refers to, by the last part of the reference */
  constructor(schemas: { readonly [name: string]: JsonObject }) {
    this.#schemas = schemas;
  }

  /** The type of a named schema; what is not recorded has a deduced type. */
  named(name: string): FieldType {
    const known = this.#named.get(name);
    if (known) return known;
    const schema = this.#schemas[name];
    if (!schema) return DEDUCED;
    const type: FieldType = {};
    this.#named.set(name, type);
    return Object.assign(type, this.#read(schema, false));
  }

  /** The type of a custom resource. @param schema its `openAPIV3Schema`; @param metadata the name of the schema of its metadata */
  customResource(schema: JsonObject, metadata: string): FieldType {
    const type = this.#read(schema, false);
    return type.map ? { map: withIdentity(type.map, this.named(metadata)) } : type;
  }

  #of(schema: JsonObject, preserves: boolean): FieldType {
    const reference = referenceOf(schema);
    if (reference === undefined) return this.#read(schema, preserves);
    const type = this.named(reference);
    const mapType = schema['x-kubernetes-map-type'];
    if (mapType === undefined || !type.map) return type;
    return { ...type, map: { ...type.map, atomic: mapType === 'atomic' } };
  }

  #read(schema: JsonObject, inherited: boolean): FieldType {
    const preserves = inherited || schema['x-kubernetes-preserve-unknown-fields'] === true;
    switch (schema['type']) {
      case undefined:
        return { scalar: 'untyped', list: this.#list(schema, preserves), map: this.#map(schema, preserves) };
      case 'object':
        return { map: this.#map(schema, preserves) };
      case 'array':
        return { list: this.#list(schema, preserves) };
      default:
        return { scalar: scalarOf(schema) };
    }
  }

  #map(schema: JsonObject, preserves: boolean): MapType {
    const fields = new Map<string, FieldType>();
    const defaults = new Map<string, string | number | boolean>();
    for (const [name, member] of Object.entries(objectAt(schema, 'properties') ?? {})) {
      if (!isJsonObject(member)) continue;
      fields.set(name, this.#of(member, preserves));
      const fallback = member['default'];
      if (typeof fallback === 'string' || typeof fallback === 'number' || typeof fallback === 'boolean')
        defaults.set(name, fallback);
    }
    const map = { atomic: schema['x-kubernetes-map-type'] === 'atomic', fields, defaults };
    const rest = this.#rest(schema['additionalProperties'], preserves || fields.size === 0, preserves);
    const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
    return isEmbedded ? withIdentity({ ...map, rest }, this.named(OBJECT_META)) : { ...map, rest };
  }

  #rest(additional: JsonValue | undefined, isOpen: boolean, preserves: boolean): FieldType | undefined {
    if (isJsonObject(additional)) return this.#of(additional, preserves);
    if (additional === undefined) return isOpen ? DEDUCED : undefined;
    return additional === true ? DEDUCED : undefined;
  }

  #list(schema: JsonObject, preserves: boolean): ListType {
    const items = objectAt(schema, 'items');
    return { ...relationOf(schema), items: items ? this.#of(items, preserves) : UNTYPED_ATOMIC };
  }
}

/** The schema of every object's metadata. */
export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** A reference may stand alone, or in an `allOf` of one. */
function referenceOf(schema: JsonObject): string | undefined {
  const all = schema['allOf'];
  const only = Array.isArray(all) && all.length === 1 && isJsonObject(all[0]) ? all[0]['$ref'] : undefined;
  const reference = schema['$ref'] ?? only;
  return typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : undefined;
}

/** Every resource has these members, whatever its schema says of them. */
function withIdentity(map: MapType, metadata: FieldType): MapType {
  const text: FieldType = { scalar: 'string' };
  return { ...map, fields: new Map([...map.fields, ['apiVersion', text], ['kind', text], ['metadata', metadata]]) };
}

function scalarOf({ type, format }: JsonObject): ScalarType {
  if (type === 'integer' || type === 'number') return 'numeric';
  if (type === 'boolean') return 'boolean';
  // A string with a format may be a number on the wire, as an int-or-string is.
  return type === 'string' && (format === undefined || format === '' || format === 'byte') ? 'string' : 'untyped';
}

const texts = (value: JsonValue | undefined) =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** `x-kubernetes-list-type` decides; without it the older marks of strategic merge patches. */
function relationOf(schema: JsonObject): Pick<ListType, 'relation' | 'keys'> {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === 'map') return { relation: 'map', keys: texts(schema['x-kubernetes-list-map-keys']) };
  if (listType !== undefined) return { relation: listType === 'set' ? 'set' : 'atomic', keys: [] };
  const strategy = schema['x-kubernetes-patch-strategy'];
  if (strategy !== 'merge' && strategy !== 'merge,retainKeys') return { relation: 'atomic', keys: [] };
  const key = schema['x-kubernetes-patch-merge-key'];
  return typeof key === 'string' ? { relation: 'map', keys: [key] } : { relation: 'set', keys: [] };
}
