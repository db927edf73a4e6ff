import { anyPathSegment, validateMetadataUpdate } from '../../admission/metadata.ts';
import { singleton, union } from '../../field-ownership/field-set.ts';
import { type JsonObject, jsonEqual, listAt, objectAt } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { type FieldError, fieldError } from '../../schema/field-error.ts';
import { defaultCrd, validateCrd } from '../../schema/index.ts';
import { setCondition, versionsOf } from '../crd/definition.ts';
import { builtinResource } from './builtin-strategy.ts';
import { any, bool, int32, listOf, string, struct } from './go-fields.ts';

/** Held until every object of the kind is gone. */
export const INSTANCE_CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

const version = struct('CustomResourceDefinitionVersion', {
  name: string,
  served: bool,
  storage: bool,
  deprecated: bool,
  deprecationWarning: string,
  schema: struct('CustomResourceValidation', { openAPIV3Schema: any }),
  subresources: any,
  additionalPrinterColumns: listOf(
    struct('CustomResourceColumnDefinition', {
      name: string,
      type: string,
      format: string,
      description: string,
      priority: int32,
      jsonPath: string,
    }),
  ),
  selectableFields: listOf(struct('SelectableField', { jsonPath: string })),
});

const names = struct('CustomResourceDefinitionNames', {
  plural: string,
  singular: string,
  shortNames: listOf(string),
  kind: string,
  listKind: string,
  categories: listOf(string),
});

/** Go keeps false for booleans without omitempty; the decoder here drops them. */
function fillFlags(object: JsonObject): void {
  for (const { raw, served, storage } of versionsOf(object)) Object.assign(raw, { served, storage });
}

function normalize(object: JsonObject): void {
  fillFlags(object);
  const spec = objectAt(object, 'spec');
  if (!spec) return;
  if (spec['preserveUnknownFields'] === false) delete spec['preserveUnknownFields'];
  defaultCrd(object);
}

function storedVersions(object: KubeObject): string[] {
  return versionsOf(object)
    .filter(({ storage }) => storage)
    .map(({ name }) => name);
}

/** A version that objects are stored in cannot be taken out of the spec, and the identity of a CRD is fixed. */
function updateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const present = versionsOf(object).map(({ name }) => name);
  const gone = listAt(objectAt(old, 'status'), 'storedVersions').filter((name) => !present.includes(String(name)));
  const errors = gone.map((name, index) =>
    fieldError.invalid(
      `status.storedVersions[${index}]`,
      name,
      `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
    ),
  );
  const [spec, oldSpec] = [objectAt(object, 'spec') ?? {}, objectAt(old, 'spec') ?? {}];
  for (const member of ['group', 'scope'] as const) {
    if (spec[member] !== oldSpec[member])
      errors.push(fieldError.invalid(`spec.${member}`, spec[member], 'field is immutable'));
  }
  for (const member of ['plural', 'kind'] as const) {
    const [value, oldValue] = [objectAt(spec, 'names')?.[member], objectAt(oldSpec, 'names')?.[member]];
    if (value !== oldValue) errors.push(fieldError.invalid(`spec.names.${member}`, value, 'field is immutable'));
  }
  return errors;
}

const ASKED_AT_CREATION = ['metadata.name', 'status.storedVersions'];

export const customResourceDefinitions = builtinResource({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  kind: 'CustomResourceDefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  hasStatus: true,
  fields: {
    spec: struct('CustomResourceDefinitionSpec', {
      group: string,
      names,
      scope: string,
      versions: listOf(version),
      conversion: any,
      preserveUnknownFields: bool,
    }),
    status: struct('CustomResourceDefinitionStatus', {
      conditions: listOf(any),
      acceptedNames: names,
      storedVersions: listOf(string),
    }),
  },
  zero: {
    spec: { group: '', names: { plural: '', kind: '' }, scope: '', versions: null },
    status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null },
  },
  ownership: {
    ignored: singleton(['f:status']),
    ignoredByStatus: union(singleton(['f:metadata']), singleton(['f:spec'])),
  },
  normalize,
  validate: (object) => validateCrd(object),
  strategy: {
    allowUnconditionalUpdate: false,
    // The name follows from plural and group, which is checked with them.
    nameRule: anyPathSegment,
    prepareForCreate(object) {
      object.metadata.generation = 1;
      object['status'] = {
        conditions: null,
        acceptedNames: { plural: '', kind: '' },
        storedVersions: storedVersions(object),
      };
    },
    prepareForUpdate(object, old) {
      const stored = new Set([...listAt(objectAt(old, 'status'), 'storedVersions'), ...storedVersions(object)]);
      object['status'] = { ...objectAt(old, 'status'), storedVersions: [...stored] };
      if (!jsonEqual(object['spec'], old['spec'])) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    // A name that fits plural and group is asked for at creation only, when what is stored follows from the spec alone.
    validateUpdate: (object, old) => [
      ...validateMetadataUpdate(object.metadata, old.metadata),
      ...updateErrors(object, old),
      ...validateCrd(object, old).filter(({ field }) => !ASKED_AT_CREATION.includes(field)),
    ],
    prepareForStatusUpdate(object, old) {
      object['spec'] = old['spec'];
      object.metadata = { ...old.metadata };
    },
    beginDeletion(object, now) {
      object.metadata.deletionTimestamp = now;
      object.metadata.finalizers = [...new Set([...(object.metadata.finalizers ?? []), INSTANCE_CLEANUP])];
      const message = 'CustomResource deletion is in progress';
      setCondition(object, { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message }, now);
    },
    validateStatusUpdate: (object, old) => validateMetadataUpdate(object.metadata, old.metadata),
  },
});
