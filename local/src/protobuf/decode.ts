import type { JsonObject, JsonValue } from '../schema/index.ts';
import { type Field, type FieldType, MESSAGES, type Message } from './messages.ts';
import { ProtobufError, readFields } from './wire-reader.ts';

export { ProtobufError } from './wire-reader.ts';

/** What clients call Kubernetes' protobuf. */
export const PROTOBUF_MEDIA_TYPE = 'application/vnd.kubernetes.protobuf';

/** Marks Kubernetes' envelope around a message. */
const MAGIC = Buffer.from('k8s\0');
const MAX_DEPTH = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

function text(value: bigint | Uint8Array): string {
  if (typeof value === 'bigint') throw new ProtobufError('a string was expected');
  try {
    return utf8.decode(value);
  } catch {
    throw new ProtobufError('invalid UTF-8');
  }
}

function nested(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint') throw new ProtobufError('a message was expected');
  return value;
}

/** seconds since 1970 in field 1, nanoseconds in field 2; an empty message is no time. */
function time(value: bigint | Uint8Array, fraction: boolean): JsonValue {
  let [seconds, nanos] = [0, 0];
  let isSet = false;
  for (const field of readFields(nested(value))) {
    const number = Number(typeof field.value === 'bigint' ? BigInt.asIntN(64, field.value) : 0n);
    isSet = true;
    if (field.number === 1) seconds = number;
    else if (field.number === 2) nanos = number;
  }
  if (!isSet) return null;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new ProtobufError('time out of range');
  const whole = date.toISOString().slice(0, 19);
  return fraction ? `${whole}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z` : `${whole}Z`;
}

function scalar(type: FieldType, value: bigint | Uint8Array, depth: number): JsonValue {
  switch (type.kind) {
    case 'string':
      return text(value);
    case 'bytes':
      return Buffer.from(nested(value)).toString('base64');
    case 'int':
      return Number(typeof value === 'bigint' ? BigInt.asIntN(64, value) : 0n);
    case 'bool':
      return value === 1n;
    case 'time':
    case 'microTime':
      return time(value, type.kind === 'microTime');
    case 'message':
      return decodeMessage(type.of, nested(value), depth + 1);
    default:
      throw new ProtobufError('a list of lists');
  }
}

function mapEntry(type: FieldType, value: bigint | Uint8Array, depth: number): [string, JsonValue] {
  let key = '';
  let member: JsonValue = '';
  for (const field of readFields(nested(value))) {
    if (field.number === 1) key = text(field.value);
    else if (field.number === 2) member = scalar(type, field.value, depth);
  }
  return [key, member];
}

const isZero = (value: JsonValue) => value === '' || value === 0 || value === false || value === null;

function setField(object: JsonObject, { name, type, pointer }: Field, value: bigint | Uint8Array, depth: number): void {
  if (type.kind === 'list') {
    const list = object[name];
    const item = scalar(type.of, value, depth);
    object[name] = Array.isArray(list) ? [...list, item] : [item];
  } else if (type.kind === 'map') {
    const [key, member] = mapEntry(type.of, value, depth);
    const map = (object[name] ?? {}) as JsonObject;
    Object.defineProperty(map, key, { value: member, enumerable: true, configurable: true, writable: true });
    object[name] = map;
  } else {
    const decoded = scalar(type, value, depth);
    if (pointer || !isZero(decoded)) object[name] = decoded;
  }
}

function decodeMessage(message: Message, bytes: Uint8Array, depth: number): JsonObject {
  if (depth > MAX_DEPTH) throw new ProtobufError('nested too deeply');
  const object: JsonObject = {};
  for (const { number, value } of readFields(bytes)) {
    const field = message.fields.get(number);
    if (field) setField(object, field, value, depth);
  }
  return object;
}

/** Reads the envelope: `k8s\0`, then a message of type (1: apiVersion, kind) and raw bytes (2). */
function openEnvelope(bytes: Uint8Array): { apiVersion: string; kind: string; raw: Uint8Array } {
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length)))
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  let [apiVersion, kind] = ['', ''];
  let raw: Uint8Array = new Uint8Array();
  for (const field of readFields(bytes.subarray(MAGIC.length))) {
    if (field.number === 2) raw = nested(field.value);
    if (field.number !== 1) continue;
    for (const part of readFields(nested(field.value))) {
      if (part.number === 1) apiVersion = text(part.value);
      else if (part.number === 2) kind = text(part.value);
    }
  }
  return { apiVersion, kind, raw };
}

/**
 * Reads a body of {@link PROTOBUF_MEDIA_TYPE} as the JSON object that says the same. Only the built-in kinds have protobuf, and only those
 * that clients of this server were seen to send are read.
 * @throws ProtobufError for bytes that are no such body, and for other kinds
 */
export function decodeProtobuf(bytes: Uint8Array): JsonObject {
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  const message = MESSAGES.get(`${apiVersion}, ${kind}`);
  if (!message) throw new ProtobufError(`no protobuf is read for ${kind} of ${apiVersion}`);
  return { apiVersion, kind, ...decodeMessage(message, raw, 0) };
}
