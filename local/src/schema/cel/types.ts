import type { Environment } from '@marcbachmann/cel-js';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../json.ts';
import type { SchemaNode } from '../structural.ts';
import { celFieldName } from './field-names.ts';
import { withObjectMeta } from './object-meta.ts';

/** How values of a schema appear in CEL: the name of their type and the conversion, made when a rule first reads the value. */
export interface CelType {
  readonly name: string;
  /** The members that a rule may select, for objects with named properties. */
  readonly fields?: ReadonlyMap<string, CelType>;
  convert(value: JsonValue): unknown;
}

/** An object as rules see it: its members are getters that convert on first reading. */
interface CelObject {
  readonly raw: JsonObject;
}

const STRING: CelType = { name: 'string', convert: (value) => value };
const SCALARS: Record<string, CelType> = {
  string: STRING,
  boolean: { name: 'bool', convert: (value) => value },
  integer: { name: 'int', convert: (value) => BigInt(Math.trunc(Number(value))) },
  number: { name: 'double', convert: Number },
};
const TIMESTAMP: CelType = { name: 'google.protobuf.Timestamp', convert: (value) => new Date(String(value)) };
const BYTES: CelType = { name: 'bytes', convert: (value) => Buffer.from(String(value), 'base64') };
/** int-or-string is typed when a rule runs, as in the API server. */
const INT_OR_STRING: CelType = {
  name: 'dyn',
  convert: (value) => (typeof value === 'number' ? BigInt(Math.trunc(value)) : value),
};

function stringType(node: SchemaNode): CelType | undefined {
  const format = node.limits.format;
  if (format === 'date-time' || format === 'date') return TIMESTAMP;
  if (format === 'byte') return BYTES;
  return format === 'duration' ? undefined : STRING;
}

/** Makes the class whose instances carry a JSON object; each object type has its own, which is how the library tells them apart. */
function objectClass(
  fields: ReadonlyMap<string, { property: string; type: CelType }>,
): new (
  raw: JsonObject,
) => CelObject {
  class SchemaObject implements CelObject {
    readonly raw: JsonObject;
    readonly cache = new Map<string, unknown>();
    constructor(raw: JsonObject) {
      this.raw = raw;
    }
  }
  for (const [name, { property, type }] of fields) {
    Object.defineProperty(SchemaObject.prototype, name, {
      get(this: SchemaObject) {
        const value = this.raw[property];
        if (value === undefined || value === null) return undefined;
        if (!this.cache.has(name)) this.cache.set(name, type.convert(value));
        return this.cache.get(name);
      },
    });
  }
  return SchemaObject;
}

/** Declares the types of one schema in a CEL environment. */
export class CelTypes {
  readonly #env: Environment;
  readonly #known = new Map<SchemaNode, CelType | undefined>();
  #count = 0;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** The CEL type of a schema, or undefined where rules cannot see values of it (no schema, unknown type). */
  of(node: SchemaNode): CelType | undefined {
    if (!this.#known.has(node)) this.#known.set(node, this.#declare(node.embedded ? withObjectMeta(node) : node));
    return this.#known.get(node);
  }

  #declare(node: SchemaNode): CelType | undefined {
    if (node.intOrString) return INT_OR_STRING;
    if (node.type === 'array') return this.#list(node);
    if (node.type === 'object') return node.additional ? this.#map(node.additional) : this.#object(node);
    return node.type === 'string' ? stringType(node) : SCALARS[node.type ?? ''];
  }

  #list(node: SchemaNode): CelType | undefined {
    const item = node.items && this.of(node.items);
    if (!item) return undefined;
    return {
      name: `list<${item.name}>`,
      convert: (value) => (Array.isArray(value) ? value.map((entry) => item.convert(entry)) : []),
    };
  }

  #map(values: SchemaNode): CelType | undefined {
    const type = this.of(values);
    if (!type) return undefined;
    const entries = (value: JsonValue) => (isJsonObject(value) ? Object.entries(value) : []);
    return {
      name: `map<string, ${type.name}>`,
      convert: (value) => new Map(entries(value).map(([key, member]) => [key, type.convert(member ?? null)])),
    };
  }

  #object(node: SchemaNode): CelType {
    const fields = new Map<string, { property: string; type: CelType }>();
    for (const [property, child] of node.properties) {
      const name = celFieldName(property);
      const type = name === undefined ? undefined : this.of(child);
      if (name !== undefined && type !== undefined) fields.set(name, { property, type });
    }
    const name = `object.${++this.#count}`;
    const Class = objectClass(fields);
    const declared = Object.fromEntries([...fields].map(([field, { type }]) => [field, type.name]));
    this.#env.registerType(name, { ctor: Class, fields: declared });
    this.#env.registerOperator(`${name} == ${name}`, (a: CelObject, b: CelObject) => jsonEqual(a.raw, b.raw));
    return {
      name,
      fields: new Map([...fields].map(([field, { type }]) => [field, type])),
      convert: (value) => new Class(isJsonObject(value) ? value : {}),
    };
  }
}
