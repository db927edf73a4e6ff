import { jsonEqual } from '../json/json.ts';
import type { ObjectMeta, OwnerReference } from '../json/kube-object.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { dnsLabelProblems, labelValueProblems, pathSegmentProblems, qualifiedNameProblems } from './names.ts';

const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;

/** A kind's rule for names; `isPrefix` for a generateName. Gives the problems found. */
export type NameRule = (name: string, isPrefix: boolean) => string[];

export const anyPathSegment: NameRule = (name, isPrefix) =>
  isPrefix && /^\.\.?$/.test(name) ? [] : pathSegmentProblems(name);

/** The checks on metadata that every kind shares, in the order and words of apimachinery's `ValidateObjectMetaAccessor`. */
export function validateMetadata(meta: ObjectMeta, namespaced: boolean, nameRule: NameRule): FieldError[] {
  return [
    ...validateName(meta, nameRule),
    ...validateNamespace(meta, namespaced),
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations),
    ...validateOwners(meta.ownerReferences ?? []),
    ...validateFinalizers(meta.finalizers ?? []),
  ];
}

function validateName(meta: ObjectMeta, nameRule: NameRule): FieldError[] {
  const prefix = meta.generateName ?? '';
  const errors = prefix
    ? nameRule(prefix, true).map((problem) => fieldError.invalid('metadata.generateName', prefix, problem))
    : [];
  if (!meta.name) return [...errors, fieldError.required('metadata.name', 'name or generateName is required')];
  return [
    ...errors,
    ...nameRule(meta.name, false).map((problem) => fieldError.invalid('metadata.name', meta.name, problem)),
  ];
}

function validateNamespace(meta: ObjectMeta, namespaced: boolean): FieldError[] {
  const { namespace = '' } = meta;
  if (!namespaced) return namespace ? [fieldError.forbidden('metadata.namespace', 'not allowed on this type')] : [];
  if (!namespace) return [fieldError.required('metadata.namespace')];
  return dnsLabelProblems(namespace).map((problem) => fieldError.invalid('metadata.namespace', namespace, problem));
}

/** Checks the keys and values of a label map. */
export function validateLabels(labels: { [key: string]: string } | undefined, field: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((problem) => fieldError.invalid(field, key, problem)),
    ...labelValueProblems(value).map((problem) => fieldError.invalid(field, value, problem)),
  ]);
}

function validateAnnotations(annotations: { [key: string]: string } | undefined): FieldError[] {
  if (!annotations) return [];
  const field = 'metadata.annotations';
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...qualifiedNameProblems(key.toLowerCase()).map((problem) => fieldError.invalid(field, key, problem)));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return bytes > ANNOTATIONS_LIMIT_BYTES ? [...errors, fieldError.tooLong(field, ANNOTATIONS_LIMIT_BYTES)] : errors;
}

function validateOwners(owners: OwnerReference[]): FieldError[] {
  const errors: FieldError[] = [];
  let controller = '';
  for (const owner of owners) {
    errors.push(...validateOwner(owner));
    if (!owner.controller) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller)
      errors.push(fieldError.invalid('metadata.ownerReferences', owners, twoControllers(controller, name)));
    else controller = name;
  }
  return errors;
}

function twoControllers(first: string, second: string): string {
  return `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`;
}

function validateOwner(owner: OwnerReference): FieldError[] {
  const field = 'metadata.ownerReferences';
  const errors: FieldError[] = [];
  const version = owner.apiVersion.split('/').at(-1) ?? '';
  if (!version) errors.push(fieldError.invalid(`${field}.apiVersion`, owner.apiVersion, 'version must not be empty'));
  for (const member of ['kind', 'name', 'uid'] as const) {
    if (!owner[member]) errors.push(fieldError.invalid(`${field}.${member}`, owner[member], 'must not be empty'));
  }
  if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
    errors.push(fieldError.invalid(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function validateFinalizers(finalizers: string[]): FieldError[] {
  const field = 'metadata.finalizers';
  const errors = finalizers.flatMap((name) =>
    qualifiedNameProblems(name).map((problem) => fieldError.invalid(field, name, problem)),
  );
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(fieldError.invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

const IMMUTABLE = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** The checks on what an update may change, as `ValidateObjectMetaAccessorUpdate`. */
export function validateMetadataUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp) errors.push(...newFinalizers(meta.finalizers ?? [], old.finalizers ?? []));
  for (const member of IMMUTABLE) {
    if (jsonEqual(meta[member], old[member])) continue;
    errors.push(fieldError.invalid(`metadata.${member}`, meta[member], 'field is immutable'));
  }
  return [
    ...errors,
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations),
    ...validateOwners(meta.ownerReferences ?? []),
  ];
}

function newFinalizers(finalizers: string[], old: string[]): FieldError[] {
  const added = finalizers.filter((name) => !old.includes(name)).sort();
  if (added.length === 0) return [];
  const list = added.map((name) => JSON.stringify(name)).join(', ');
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [fieldError.forbidden('metadata.finalizers', why)];
}
