import { type JsonObject, jsonEqual, objectAt, setMember, stringAt } from '../../json/json.ts';
import { jsonProblem } from '../../json/json-problem.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { type FieldError, fieldError } from '../../schema/field-error.ts';
import { builtinResource } from './builtin-strategy.ts';
import { immutabilityErrors, keyErrors, MAX_DATA_BYTES } from './config-map.ts';
import { bool, bytes, mapOf, string } from './go-fields.ts';

/** Data keys that a Secret of a well-known type must have. */
const REQUIRED_KEYS: { readonly [type: string]: readonly string[] } = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

function missingKeys(object: KubeObject, data: JsonObject): FieldError[] {
  const type = stringAt(object, 'type') ?? '';
  const has = (key: string) => Object.hasOwn(data, key);
  if (type === 'kubernetes.io/basic-auth' && !has('username') && !has('password')) {
    return [fieldError.required('data[username]'), fieldError.required('data[password]')];
  }
  const account = 'kubernetes.io/service-account.name';
  if (type === 'kubernetes.io/service-account-token' && !object.metadata.annotations?.[account]) {
    return [fieldError.required(`metadata.annotations[${account}]`)];
  }
  return (REQUIRED_KEYS[type] ?? []).filter((key) => !has(key)).map((key) => fieldError.required(`data[${key}]`));
}

/** What a registry's credentials are kept in must be JSON. */
function configErrors(object: KubeObject, data: JsonObject): FieldError[] {
  const type = stringAt(object, 'type') ?? '';
  const key = type.startsWith('kubernetes.io/docker') ? REQUIRED_KEYS[type]?.[0] : undefined;
  const value = key === undefined ? undefined : stringAt(data, key);
  const problem = value === undefined ? undefined : jsonProblem(Buffer.from(value, 'base64'));
  return problem === undefined ? [] : [fieldError.invalid(`data[${key}]`, '<secret contents redacted>', problem)];
}

function validateData(object: KubeObject): FieldError[] {
  const data = objectAt(object, 'data') ?? {};
  const size = Object.values(data).reduce<number>(
    (sum, value) => sum + Buffer.byteLength(value as string, 'base64'),
    0,
  );
  return [
    ...keyErrors(data, 'data'),
    ...(size > MAX_DATA_BYTES ? [fieldError.tooLong('data', MAX_DATA_BYTES)] : []),
    ...missingKeys(object, data),
    ...configErrors(object, data),
  ];
}

/** stringData is for writing only: it goes into data, and wins over it. */
function foldStringData(object: JsonObject): void {
  const texts = objectAt(object, 'stringData');
  delete object['stringData'];
  if (texts) {
    const data: JsonObject = { ...objectAt(object, 'data') };
    for (const [key, text] of Object.entries(texts))
      setMember(data, key, Buffer.from(text as string).toString('base64'));
    object['data'] = data;
  }
  object['type'] ??= 'Opaque';
}

export const secrets = builtinResource({
  group: '',
  version: 'v1',
  plural: 'secrets',
  singular: 'secret',
  kind: 'Secret',
  shortNames: [],
  namespaced: true,
  fields: { immutable: bool, data: mapOf(bytes), stringData: mapOf(string), type: string },
  normalize: foldStringData,
  validate: validateData,
  validateChange: (object, old) => [
    ...(jsonEqual(object['type'], old['type'])
      ? []
      : [fieldError.invalid('type', object['type'], 'field is immutable')]),
    ...immutabilityErrors(object, old, ['data']),
  ],
  revalidatesMetadata: true,
  strategy: {
    selectableFields: (object) => ({ type: stringAt(object, 'type') ?? '' }),
    selectableFieldNames: ['type'],
  },
});
