import { goJsonType, isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts';

/** The body's metadata has a member of the wrong type. The message is what Go's decoder would say. */
export class MetadataTypeError extends Error {}

type Check = (value: JsonValue, path: string) => JsonValue;

function refuse(value: JsonValue, path: string, goType: string): never {
  throw new MetadataTypeError(
    `json: cannot unmarshal ${goJsonType(value)} into Go struct field ${path} of type ${goType}`,
  );
}

const text: Check = (value, path) => (typeof value === 'string' ? value : refuse(value, path, 'string'));

const uid: Check = (value, path) => (typeof value === 'string' ? value : refuse(value, path, 'types.UID'));

const flag: Check = (value, path) => (typeof value === 'boolean' ? value : refuse(value, path, 'bool'));

const integer: Check = (value, path) => (Number.isInteger(value) ? value : refuse(value, path, 'int64'));

/** The form in which the server itself writes times, checked as far as it can be without making a date. */
function isCanonicalTime(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/.test(text);
}

/** Go keeps whole seconds in UTC. */
const timestamp: Check = (value, path) => {
  if (typeof value === 'string' && isCanonicalTime(value)) return value;
  const time = typeof value === 'string' ? Date.parse(value) : refuse(value, path, 'string');
  if (Number.isNaN(time)) {
    const quoted = JSON.stringify(value);
    throw new MetadataTypeError(
      `parsing time ${quoted} as "2006-01-02T15:04:05Z07:00": cannot parse ${quoted} as "2006"`,
    );
  }
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
};

const textMap: Check = (value, path) => {
  if (!isJsonObject(value)) return refuse(value, path, 'map[string]string');
  // Go tells of the first that is wrong, and what it decodes here it has encoded before: in the order of keys.
  for (const [key, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (item === null) value[key] = '';
    else text(item as JsonValue, path);
  }
  return value;
};

const textList: Check = (value, path) => {
  if (!Array.isArray(value)) return refuse(value, path, '[]string');
  return value.map((item) => text(item, path));
};

const OWNER_FIELDS: { readonly [field: string]: Check } = {
  apiVersion: text,
  kind: text,
  name: text,
  uid,
  controller: flag,
  blockOwnerDeletion: flag,
};

const META_FIELDS: { readonly [field: string]: Check } = {
  name: text,
  generateName: text,
  namespace: text,
  selfLink: text,
  uid,
  resourceVersion: text,
  generation: integer,
  creationTimestamp: timestamp,
  deletionTimestamp: timestamp,
  deletionGracePeriodSeconds: integer,
  labels: textMap,
  annotations: textMap,
  finalizers: textList,
};

/** Kept as it is: whether it can be read is decided where the owners of fields are. */
const fieldsTree: Check = (value) => value;

const operation: Check = (value, path) =>
  typeof value === 'string' ? value : refuse(value, path, 'v1.ManagedFieldsOperationType');

const MANAGED_FIELDS: { readonly [field: string]: Check } = {
  manager: text,
  operation,
  apiVersion: text,
  time: timestamp,
  fieldsType: text,
  fieldsV1: fieldsTree,
  subresource: text,
};

const NOT_KEPT = ['selfLink'];

function decodeManagedFields(value: JsonValue, place: string, unknown: string[]): JsonValue {
  if (!Array.isArray(value)) return refuse(value, `ObjectMeta.${place}managedFields`, '[]v1.ManagedFieldsEntry');
  return value.map((item, index) => {
    if (item === null) return {};
    if (!isJsonObject(item)) return refuse(item, `ObjectMeta.${place}managedFields`, 'v1.ManagedFieldsEntry');
    const entry = decodeMembers(item, MANAGED_FIELDS, `ManagedFieldsEntry.${place}managedFields.`, (member) =>
      unknown.push(`metadata.managedFields[${index}].${member}`),
    );
    for (const member of Object.keys(entry)) if (entry[member] === '') delete entry[member];
    return entry;
  });
}

function decodeOwners(value: JsonValue, place: string, unknown: string[]): JsonValue {
  if (!Array.isArray(value)) return refuse(value, `ObjectMeta.${place}ownerReferences`, '[]v1.OwnerReference');
  return value.map((item, index) => {
    if (!isJsonObject(item)) return refuse(item, `ObjectMeta.${place}ownerReferences`, 'v1.OwnerReference');
    const owner = decodeMembers(item, OWNER_FIELDS, `OwnerReference.${place}ownerReferences.`, (member) =>
      unknown.push(`metadata.ownerReferences[${index}].${member}`),
    );
    for (const required of ['apiVersion', 'kind', 'name', 'uid']) owner[required] ??= '';
    return owner;
  });
}

function decodeMembers(
  source: JsonObject,
  fields: typeof META_FIELDS,
  path: string,
  onUnknown: (member: string) => void,
): JsonObject {
  const decoded: JsonObject = {};
  for (const member of Object.keys(source)) {
    const check = Object.hasOwn(fields, member) ? fields[member] : undefined;
    const value = source[member] as JsonValue;
    if (!check) onUnknown(member);
    else if (value !== null) decoded[member] = check(value, path + member);
  }
  return decoded;
}

function isEmpty(value: JsonValue): boolean {
  return (
    value === '' ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0) ||
    (isJsonObject(value) && Object.keys(value).length === 0)
  );
}

/**
 * Checks the types of `metadata`, drops what ObjectMeta does not know and what Go's encoder would omit as empty. The metadata of a custom
 * resource is decoded on its own, which shows in the paths of the decoder's errors.
 * @returns the paths that were dropped as unknown. @throws MetadataTypeError
 */
export function decodeMetadata(object: JsonObject, isCustom: boolean): string[] {
  const source = object['metadata'] ?? {};
  if (!isJsonObject(source)) return refuseMetadata(source, object, isCustom);
  const place = isCustom ? '' : 'metadata.';
  const unknown: string[] = [];
  const { ownerReferences, managedFields, ...plain } = source;
  const metadata = decodeMembers(plain, META_FIELDS, `ObjectMeta.${place}`, (member) =>
    unknown.push(`metadata.${member}`),
  );
  if (ownerReferences !== undefined && ownerReferences !== null)
    metadata['ownerReferences'] = decodeOwners(ownerReferences, place, unknown);
  if (managedFields !== undefined && managedFields !== null)
    metadata['managedFields'] = decodeManagedFields(managedFields, place, unknown);
  for (const member of Object.keys(metadata)) {
    // An empty list of owners says something: throw the record away. The metadata of a custom resource loses it on its way.
    const keepsZero = member === 'deletionGracePeriodSeconds' || (member === 'managedFields' && !isCustom);
    if (NOT_KEPT.includes(member) || (!keepsZero && isEmpty(metadata[member] as JsonValue))) delete metadata[member];
  }
  object['metadata'] = metadata;
  return unknown;
}

function refuseMetadata(value: JsonValue, object: JsonObject, isCustom: boolean): never {
  if (!isCustom) return refuse(value, `${String(object['kind'])}.metadata`, 'v1.ObjectMeta');
  throw new MetadataTypeError(`json: cannot unmarshal ${goJsonType(value)} into Go value of type v1.ObjectMeta`);
}
