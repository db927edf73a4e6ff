import { decodeMetadata, MetadataTypeError } from '../admission/decode-metadata.ts';
import { duplicateFields } from '../json/duplicate-fields.ts';
import { goJsonType, isJsonObject, type JsonObject, type JsonValue, stringAt } from '../json/json.ts';
import { jsonProblem } from '../json/json-problem.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { duplicateYamlKeys, parseYaml, YamlProblem } from '../json/yaml.ts';
import { decodeProtobuf, ProtobufError } from '../protobuf/decode.ts';
import { GoDecodeError } from '../registry/builtin/go-type.ts';
import type { Resource } from '../registry/resource.ts';
import { goQuote } from '../schema/go-text.ts';
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
  /** Made from the live object: a uid in it is a value like others, and no condition. */
  isPatched?: boolean;
}

const EXCERPT_BYTES = 30;

/** How the real server shows the beginning of a body that it could not read: in hexadecimal, unless it looks like JSON. */
function excerpt(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const head = bytes.subarray(0, EXCERPT_BYTES).toString(bytes[0] === 0x7b ? 'utf8' : 'hex');
  return bytes.length > EXCERPT_BYTES ? `${head} ...` : head;
}

/** What is wrong with a kind that is none of the real server's own: it names its table of them after the line of its source that makes it. */
export function unknownKind(kind: string, apiVersion: string): string {
  const [name, version] = [JSON.stringify(kind), JSON.stringify(apiVersion)];
  return `no kind ${name} is registered for version ${version} in scheme "pkg/runtime/scheme.go:110"`;
}

/** What is wrong with a body that cannot be read, in the words of the real server's decoders. */
export class UnreadableBodyError extends Error {}

function unrecognized(kind: string, why: string, bytes: Buffer): Error {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${excerpt(bytes)})`);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UnreadableBodyError(
      `couldn't get version/kind; json parse error: ${jsonProblem(bytes) ?? error.message}`,
    );
  }
}

function readValue({ bytes, format }: Body): unknown {
  try {
    if (format === 'protobuf') return decodeProtobuf(bytes);
    return format === 'yaml' ? parseYaml(bytes.toString()) : parseJson(bytes);
  } catch (error) {
    if (error instanceof ProtobufError || error instanceof YamlProblem) throw new UnreadableBodyError(error.message);
    throw error;
  }
}

/** The part of a body that the real server reads first: a mistake in it is told with this type. */
const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Parses a body as an object; one that is null, or YAML without a document, is an empty one. @throws UnreadableBodyError */
export function readObject(body: Body): JsonObject {
  const value = readValue(body) ?? {};
  if (isJsonObject(value)) return value;
  throw new UnreadableBodyError(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${goJsonType(value)} into Go value of type ${TYPE_META}`,
  );
}

/** Parses a body. @param kind the kind expected, for the error. @throws ApiError 400 */
export function parseBody(body: Body, kind: string): JsonObject {
  try {
    return readObject(body);
  } catch (error) {
    if (error instanceof UnreadableBodyError) throw unrecognized(kind, error.message, body.bytes);
    throw error;
  }
}

/** Parses and decodes the body of a create or an update. @throws ApiError 400 */
export function decodeBody(resource: Resource, body: Body, options: WriteOptions): Decoded {
  const value = parseBody(body, resource.kind);
  const duplicates = options.fieldValidation === 'Ignore' ? NO_DUPLICATES : duplicatesOf(body, value);
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

/** What a body says twice: as each is warned of, and as they are refused together. */
export interface Duplicates {
  warnings: readonly string[];
  refusals: readonly string[];
}

const NO_DUPLICATES: Duplicates = { warnings: [], refusals: [] };

/** @param value the body, parsed and not changed since */
function duplicatesOf({ bytes, format }: Body, value: JsonObject): Duplicates {
  const text = bytes.toString();
  if (format === 'yaml') return yamlDuplicates(text);
  // Most clients send what this would print, and it prints no member twice: that is cheaper to find out.
  if (format !== 'json' || JSON.stringify(value) === text) return NO_DUPLICATES;
  const warnings = duplicateFields(text).map((path) => `duplicate field ${JSON.stringify(path)}`);
  return { warnings, refusals: warnings };
}

/** The keys that a YAML document has twice in one mapping, each with its line. */
export function yamlDuplicates(text: string): Duplicates {
  const warnings = duplicateYamlKeys(text).map(
    ({ key, line }) => `line ${line}: key ${goQuote(key)} already set in map`,
  );
  if (warnings.length === 0) return NO_DUPLICATES;
  return { warnings, refusals: [`yaml: unmarshal errors:${warnings.map((warning) => `\n  ${warning}`).join('')}`] };
}

/** How a value is decoded that is more, or less, than a body. */
export interface DecodeValueOptions {
  /** What its text gave twice. */
  duplicates?: Duplicates;
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
  const { duplicates = NO_DUPLICATES, strictError = refuse, typeError = refuse } = given;
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
  const strangers = [...unknown].sort().map((path) => `unknown field ${JSON.stringify(path)}`);
  const refusals = [...duplicates.refusals, ...strangers];
  if (options.fieldValidation === 'Strict' && refusals.length > 0) {
    throw strictError(`strict decoding error: ${refusals.join(', ')}`);
  }
  if (options.fieldValidation === 'Warn') options.warnings.push(...duplicates.warnings, ...strangers);
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

/** The JSON value of a patch body. @param prefix of the error @throws ApiError 400 */
export function parsePatch(body: Body, prefix = 'error decoding patch: '): JsonValue {
  try {
    return JSON.parse(body.bytes.toString()) as JsonValue;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(`${prefix}${jsonProblem(body.bytes) ?? error.message}`);
  }
}
