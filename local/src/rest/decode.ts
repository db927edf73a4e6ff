import { YAMLException } from 'js-yaml';
import { decodeMetadata, MetadataTypeError } from '../admission/decode-metadata.ts';
import { duplicateFields } from '../json/duplicate-fields.ts';
import { isJsonObject, type JsonObject, type JsonValue, stringAt } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { parseYaml } from '../json/yaml.ts';
import { decodeProtobuf, ProtobufError } from '../protobuf/decode.ts';
import { GoDecodeError } from '../registry/builtin/go-type.ts';
import type { Resource } from '../registry/resource.ts';
import { badRequest } from '../status/api-error.ts';
import type { WriteOptions } from './api.ts';

/** A request body, not yet understood. */
export interface Body {
  bytes: Buffer;
  format: 'json' | 'yaml' | 'protobuf';
}

/** A body as an object, with what strict field validation complains about. */
export interface Decoded {
  object: KubeObject;
  /** The object already carries who owns its fields after the write. */
  isRecorded?: boolean;
}

/** How Go prints the beginning of a body that it could not read. */
function excerpt(bytes: Buffer): string {
  const text = bytes.toString();
  if (text === '') return '<empty>';
  return text.length > 30 ? `${text.slice(0, 30)} ...` : text;
}

function unrecognized(kind: string, why: string, bytes: Buffer): Error {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${excerpt(bytes)})`);
}

/** How Go words what is wrong with JSON. */
function jsonProblem(error: unknown): string {
  const { message } = error as Error;
  if (message.startsWith('Unexpected end')) return 'unexpected end of JSON input';
  const token = /^Unexpected token '(.)'/su.exec(message)?.[1];
  return token === undefined ? message : `invalid character '${token}' looking for beginning of value`;
}

function readValue({ bytes, format }: Body): unknown {
  if (format === 'protobuf') return decodeProtobuf(bytes);
  return format === 'yaml' ? parseYaml(bytes.toString()) : JSON.parse(bytes.toString());
}

/** Parses a body. @param kind the kind expected, for the error. @throws ApiError 400 */
export function parseBody(body: Body, kind: string): JsonObject {
  let value: unknown;
  try {
    value = readValue(body);
  } catch (error) {
    if (error instanceof ProtobufError) throw unrecognized(kind, error.message, body.bytes);
    const why = error instanceof YAMLException ? `yaml: ${error.reason}` : `json parse error: ${jsonProblem(error)}`;
    throw unrecognized(kind, `couldn't get version/kind; ${why}`, body.bytes);
  }
  if (isJsonObject(value)) return value;
  throw unrecognized(kind, "couldn't get version/kind; json parse error: the body is not an object", body.bytes);
}

/** Parses and decodes the body of a create or an update. @throws ApiError 400 */
export function decodeBody(resource: Resource, body: Body, options: WriteOptions): Decoded {
  const value = parseBody(body, resource.kind);
  const duplicates = options.fieldValidation === 'Ignore' ? [] : duplicatesOf(body, value);
  // A built-in kind is decoded into its own struct, whatever the body says or does not say that it is.
  if (!resource.custom) {
    value['kind'] ||= resource.kind;
    value['apiVersion'] ||= resource.apiVersion;
  }
  if (!stringAt(value, 'kind')) {
    throw unrecognized(resource.kind, `Object 'Kind' is missing in '${body.bytes}'`, body.bytes);
  }
  return decodeValue(resource, value, options, { duplicates });
}

/** The paths that a body gives twice. @param value the body, parsed and not changed since */
function duplicatesOf({ bytes, format }: Body, value: JsonObject): string[] {
  if (format !== 'json') return [];
  const text = bytes.toString();
  // Most clients send what this would print, and it prints no member twice: that is cheaper to find out.
  return JSON.stringify(value) === text ? [] : duplicateFields(text);
}

/** How a value is decoded that is more, or less, than a body. */
export interface DecodeValueOptions {
  /** Paths that its text gave twice. */
  duplicates?: readonly string[];
  /** The error for unknown fields when field validation is strict. */
  strictError?: (why: string) => Error;
  /** The error for values of a wrong type. */
  typeError?: (why: string) => Error;
}

/**
 * Checks types, prunes and defaults an object that came from a client.
 * @throws ApiError 400 unless told otherwise, also for unknown fields when field validation is strict
 */
export function decodeValue(
  resource: Resource,
  value: JsonObject,
  options: WriteOptions,
  given: DecodeValueOptions = {},
): Decoded {
  const refuse = (why: string) => cannotHandle(resource, stringAt(value, 'kind') ?? '', why);
  const { duplicates = [], strictError = refuse, typeError = refuse } = given;
  const apiVersion = stringAt(value, 'apiVersion') ?? '';
  const unknown = decodeTypes(typeError, () => [
    ...decodeMetadata(value, resource.custom),
    ...resource.strategy.decode(value),
  ]);
  if (apiVersion !== resource.apiVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${resource.apiVersion})`,
    );
  }
  const warnings = [
    ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
    ...[...unknown].sort().map((path) => `unknown field ${JSON.stringify(path)}`),
  ];
  if (options.fieldValidation === 'Strict' && warnings.length > 0) {
    throw strictError(`strict decoding error: ${warnings.join(', ')}`);
  }
  if (options.fieldValidation === 'Warn') options.warnings.push(...warnings);
  return { object: value as KubeObject };
}

function cannotHandle(resource: Resource, kind: string, why: string): Error {
  return badRequest(
    `${kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: ${why}`,
  );
}

function decodeTypes(typeError: (why: string) => Error, decode: () => string[]): string[] {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MetadataTypeError || error instanceof GoDecodeError) throw typeError(error.message);
    throw error;
  }
}

/** Decodes what a server-side apply has made, whose types are known to be right. */
export function completeApplied(resource: Resource, value: JsonObject): KubeObject {
  const refuse = (why: string) => cannotHandle(resource, stringAt(value, 'kind') ?? '', why);
  decodeTypes(refuse, () => {
    decodeMetadata(value, resource.custom);
    resource.strategy.complete(value);
    return [];
  });
  return value as KubeObject;
}

/** The JSON value of a patch body. @throws ApiError 400 */
export function parsePatch(body: Body): JsonValue {
  try {
    return JSON.parse(body.bytes.toString()) as JsonValue;
  } catch (error) {
    throw badRequest(`error decoding patch: ${jsonProblem(error)}`);
  }
}
