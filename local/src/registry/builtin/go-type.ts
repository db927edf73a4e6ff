import { goJsonType, isJsonObject, type JsonObject, type JsonValue, setMember } from '../../json/json.ts';

/** The shape of a field of a built-in kind, as its Go struct declares it. */
export type GoType =
  | { kind: 'string' | 'bool' | 'int32' | 'int64' | 'bytes' | 'time' | 'microTime' | 'any' }
  | { kind: 'map'; of: GoType }
  | { kind: 'list'; of: GoType }
  | GoStruct;

/** A struct. Empty members are left out when encoded, but for those in `always`, which are printed with that value. */
export interface GoStruct {
  kind: 'struct';
  name: string;
  fields: { readonly [member: string]: GoType };
  always?: { readonly [member: string]: JsonValue };
}

/** A body that Go's decoder would refuse. The message is the decoder's. */
export class GoDecodeError extends Error {}

const GO_NAMES = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  bytes: '[]uint8',
  time: 'string',
  microTime: 'string',
  any: 'any',
} as const;

function goName(type: GoType): string {
  switch (type.kind) {
    case 'map':
      return `map[string]${goName(type.of)}`;
    case 'list':
      return `[]${goName(type.of)}`;
    case 'struct':
      return `v1.${type.name}`;
    default:
      return GO_NAMES[type.kind];
  }
}

interface Place {
  /** `ConfigMap.data`: how Go names the field in an error. */
  go: string;
  /** `data.key`: how strict decoding names an unknown field. */
  json: string;
}

function refuse(value: JsonValue, type: GoType, place: Place): never {
  const isNumber = typeof value === 'number' && (type.kind === 'int32' || type.kind === 'int64');
  throw new GoDecodeError(
    `json: cannot unmarshal ${isNumber ? `number ${value}` : goJsonType(value)} into Go struct field ${place.go} of type ${goName(type)}`,
  );
}

function decodeTime(value: JsonValue, type: GoType, place: Place, fraction: number): JsonValue {
  if (typeof value !== 'string') return refuse(value, type, place);
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(value);
  const time = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN;
  if (Number.isNaN(time))
    throw new GoDecodeError(
      `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05${fraction === 0 ? '' : '.000000'}Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  const seconds = new Date(time).toISOString().slice(0, 19);
  return fraction === 0 ? `${seconds}Z` : `${seconds}.${(match?.[2] ?? '').slice(0, fraction).padEnd(fraction, '0')}Z`;
}

function decodeBytes(value: JsonValue, type: GoType, place: Place): JsonValue {
  if (typeof value !== 'string') return refuse(value, type, place);
  const text = value.replace(/[\r\n]/g, '');
  const wrong = /[^A-Za-z0-9+/=]/.exec(text);
  if (wrong || text.length % 4 !== 0)
    throw new GoDecodeError(`illegal base64 data at input byte ${wrong?.index ?? text.length}`);
  return text;
}

function decodeScalar(value: JsonValue, type: GoType, place: Place): JsonValue {
  switch (type.kind) {
    case 'string':
      return typeof value === 'string' ? value : refuse(value, type, place);
    case 'bool':
      return typeof value === 'boolean' ? value : refuse(value, type, place);
    case 'int32':
      return typeof value === 'number' && (value | 0) === value ? value : refuse(value, type, place);
    case 'int64':
      return Number.isInteger(value) ? value : refuse(value, type, place);
    case 'bytes':
      return decodeBytes(value, type, place);
    case 'time':
      return decodeTime(value, type, place, 0);
    case 'microTime':
      return decodeTime(value, type, place, 6);
    default:
      return value;
  }
}

/** A null in a map of strings is the empty string in Go. */
const ZERO_IN_MAP = { string: '', bytes: '' } as const;

function decodeMap(value: JsonValue, type: { kind: 'map'; of: GoType }, place: Place, unknown: string[]): JsonValue {
  if (!isJsonObject(value)) return refuse(value, type, place);
  const decoded: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const at = { go: place.go, json: `${place.json}.${key}` };
    const zero = type.of.kind === 'string' || type.of.kind === 'bytes' ? ZERO_IN_MAP[type.of.kind] : null;
    setMember(decoded, key, item === null || item === undefined ? zero : decodeGo(item, type.of, at, unknown));
  }
  return decoded;
}

function decodeList(value: JsonValue, type: { kind: 'list'; of: GoType }, place: Place, unknown: string[]): JsonValue {
  if (!Array.isArray(value)) return refuse(value, type, place);
  return value.map((item, index) =>
    decodeGo(item, type.of, { go: place.go, json: `${place.json}[${index}]` }, unknown),
  );
}

function isOmitted(value: JsonValue): boolean {
  if (value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/** Members whose zero value is kept: pointers in Go. */
const POINTERS = new Set([
  'immutable',
  'leaseDurationSeconds',
  'leaseTransitions',
  'holderIdentity',
  'orphanDependents',
]);

function decodeStruct(value: JsonValue, type: GoStruct, place: Place, unknown: string[]): JsonValue {
  if (!isJsonObject(value)) return refuse(value, type, place);
  const decoded: JsonObject = { ...type.always };
  for (const [member, item] of Object.entries(value)) {
    const field = Object.hasOwn(type.fields, member) ? type.fields[member] : undefined;
    const json = place.json ? `${place.json}.${member}` : member;
    if (!field) unknown.push(json);
    else if (item !== null && item !== undefined) {
      const result = decodeGo(item, field, { go: `${type.name}.${member}`, json }, unknown);
      if (POINTERS.has(member) || !isOmitted(result) || (type.always && member in type.always))
        decoded[member] = result;
    }
  }
  return decoded;
}

/**
 * Decodes a value as Go's JSON decoder would into that type, and as its encoder would print it again: unknown members are dropped and
 * their paths added to `unknown`, empty ones are left out. @throws GoDecodeError
 */
export function decodeGo(value: JsonValue, type: GoType, place: Place, unknown: string[]): JsonValue {
  switch (type.kind) {
    case 'map':
      return decodeMap(value, type, place, unknown);
    case 'list':
      return decodeList(value, type, place, unknown);
    case 'struct':
      return decodeStruct(value, type, place, unknown);
    default:
      return decodeScalar(value, type, place);
  }
}
