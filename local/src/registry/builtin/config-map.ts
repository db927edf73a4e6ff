import { configKeyProblems } from '../../admission/names.ts';
import { type JsonObject, jsonEqual, objectAt } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { type FieldError, fieldError } from '../../schema/field-error.ts';
import { builtinResource } from './builtin-strategy.ts';
import { bool, bytes, mapOf, string } from './go-fields.ts';

/** Sum of the values of a ConfigMap or Secret. */
export const MAX_DATA_BYTES = 1024 * 1024;

/** The errors for keys that cannot be file names. */
export function keyErrors(data: JsonObject, member: string): FieldError[] {
  return Object.keys(data).flatMap((key) =>
    configKeyProblems(key).map((problem) => fieldError.invalid(`${member}[${key}]`, key, problem)),
  );
}

/** Once `immutable` is set, neither it nor the data may change. */
export function immutabilityErrors(object: KubeObject, old: KubeObject, members: readonly string[]): FieldError[] {
  if (old['immutable'] !== true) return [];
  const why = 'field is immutable when `immutable` is set';
  const errors = object['immutable'] === true ? [] : [fieldError.forbidden('immutable', why)];
  const changed = members.filter((member) => !jsonEqual(object[member], old[member]));
  return [...errors, ...changed.map((member) => fieldError.forbidden(member, why))];
}

function validateData(object: KubeObject): FieldError[] {
  const data = objectAt(object, 'data') ?? {};
  const binaryData = objectAt(object, 'binaryData') ?? {};
  const twice = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
  const size =
    Object.values(data).reduce<number>((sum, value) => sum + Buffer.byteLength(value as string), 0) +
    Object.values(binaryData).reduce<number>((sum, value) => sum + Buffer.byteLength(value as string, 'base64'), 0);
  return [
    ...keyErrors(data, 'data'),
    ...twice.map((key) => fieldError.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...keyErrors(binaryData, 'binaryData'),
    ...(size > MAX_DATA_BYTES ? [fieldError.tooLong('[]', MAX_DATA_BYTES)] : []),
  ];
}

export const configMaps = builtinResource({
  group: '',
  version: 'v1',
  plural: 'configmaps',
  singular: 'configmap',
  kind: 'ConfigMap',
  shortNames: ['cm'],
  namespaced: true,
  fields: { immutable: bool, data: mapOf(string), binaryData: mapOf(bytes) },
  validate: validateData,
  validateChange: (object, old) => immutabilityErrors(object, old, ['data', 'binaryData']),
  revalidatesMetadata: true,
});
