import type { JsonValue } from '../../json.ts';
import type { SchemaNode } from '../../structural.ts';
import { celFieldName } from '../field-names.ts';
import { withObjectMeta } from '../object-meta.ts';

export type TypeKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'null'
  | 'type'
  | 'dyn'
  | 'list'
  | 'map'
  | 'object';

/** The type of an expression, as far as costs depend on it. */
export interface StaticType {
  readonly kind: TypeKind;
  /** Of the items of a list, of the values of a map. */
  readonly element?: StaticType;
  readonly key?: StaticType;
  readonly fields?: ReadonlyMap<string, StaticType>;
}

/** The type of a schema, with the sizes that bound its values. */
export interface DeclaredType extends StaticType {
  /** The most items, entries, code points or bytes that a value has; 0 for what has no size. */
  readonly maxElements: bigint;
  /** The fewest bytes of a value in JSON. */
  readonly minBytes: number;
  readonly element?: DeclaredType;
  readonly key?: DeclaredType;
  readonly fields?: ReadonlyMap<string, DeclaredType>;
}

/** What kube-apiserver takes as the largest request, in bytes: sizes without a limit of their own are bound by it. */
export const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
const TEXT_PER_REQUEST = MAX_REQUEST_BYTES - 2;
const COLLECTION_PER_REQUEST = MAX_REQUEST_BYTES - 2;
const MOST_BYTES_OF_A_CODE_POINT = 4;

const scalar = (kind: TypeKind, minBytes: number, maxElements = 0): DeclaredType => ({
  kind,
  minBytes,
  maxElements: BigInt(maxElements),
});
/** A key is bound only where a rule names it: the type of all keys of all maps has no limit, which counts as no size. */
const KEY = scalar('string', 2);
const NUMBERS: Record<string, DeclaredType> = {
  boolean: scalar('bool', 4),
  number: scalar('double', 1),
  integer: scalar('int', 1),
};
const TIMES: Record<string, DeclaredType> = {
  duration: scalar('duration', 3, 32),
  date: scalar('timestamp', 12, 12),
  'date-time': scalar('timestamp', 21, 32),
};

const limit = (given: number | undefined, otherwise: number) => Math.trunc(Math.max(0, given ?? otherwise));

function longest(values: readonly JsonValue[]): number {
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
}

function textSize({ limits }: SchemaNode): number {
  if (limits.maxLength !== undefined) return limit(limits.maxLength, 0) * MOST_BYTES_OF_A_CODE_POINT;
  return limits.enum && limits.enum.length > 0 ? longest(limits.enum) : TEXT_PER_REQUEST;
}

function text(node: SchemaNode): DeclaredType {
  const { format, maxLength } = node.limits;
  if (format === 'byte') return scalar('bytes', 2, limit(maxLength, TEXT_PER_REQUEST));
  return TIMES[format ?? ''] ?? scalar('string', 2, textSize(node));
}

function intOrString({ limits }: SchemaNode): DeclaredType {
  const size =
    limits.maxLength === undefined ? TEXT_PER_REQUEST : limit(limits.maxLength, 0) * MOST_BYTES_OF_A_CODE_POINT;
  return scalar('dyn', 1, size);
}

function list(node: SchemaNode): DeclaredType | undefined {
  const element = node.items && declaredType(node.items);
  if (!element) return undefined;
  const most = limit(node.limits.maxItems, COLLECTION_PER_REQUEST / (element.minBytes + 1));
  return { kind: 'list', minBytes: 2, maxElements: BigInt(most), element };
}

function map(node: SchemaNode, values: SchemaNode): DeclaredType | undefined {
  const element = declaredType(values);
  if (!element) return undefined;
  const most = limit(node.limits.maxProperties, COLLECTION_PER_REQUEST / (element.minBytes + 6));
  return { kind: 'map', minBytes: 2, maxElements: BigInt(most), key: KEY, element };
}

function object(node: SchemaNode): DeclaredType {
  const fields = new Map<string, DeclaredType>();
  let minBytes = 2;
  for (const [property, child] of node.properties) {
    const type = declaredType(child);
    if (!type) continue;
    const name = celFieldName(property);
    if (name !== undefined) fields.set(name, type);
    // What has a default need not be sent.
    if (node.limits.required.includes(property) && (child.default ?? null) === null)
      minBytes += Buffer.byteLength(property) + type.minBytes + 4;
  }
  return { kind: 'object', minBytes, maxElements: 0n, fields };
}

/**
 * The type of a schema with its sizes, as kube-apiserver's `SchemaDeclType` gives them; undefined where rules cannot see its values.
 * Sizes that the schema leaves open are those of the largest value that a request can carry.
 */
export function declaredType(given: SchemaNode): DeclaredType | undefined {
  if (given.intOrString) return intOrString(given);
  const node = given.embedded ? withObjectMeta(given) : given;
  if (node.type === 'array') return list(node);
  if (node.type === 'object') return node.additional ? map(node, node.additional) : object(node);
  return node.type === 'string' ? text(node) : NUMBERS[node.type ?? ''];
}

/** How often values of a type fit into one request: how often a rule on it runs where no enclosing list or map is bound. */
export const timesPerRequest = ({ minBytes }: DeclaredType): bigint =>
  BigInt(Math.trunc(MAX_REQUEST_BYTES / (minBytes + 1)));
