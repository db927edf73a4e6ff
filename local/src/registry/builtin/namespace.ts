import { validateMetadataUpdate } from '../../admission/metadata.ts';
import { dnsLabelProblems, withoutTrailingDash } from '../../admission/names.ts';
import { singleton } from '../../field-ownership/field-set.ts';
import { objectAt, stringAt } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { type FieldError, fieldError } from '../../schema/field-error.ts';
import { builtinResource } from './builtin-strategy.ts';
import { any, listOf, string, struct } from './go-fields.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

function labelWithName(object: KubeObject): void {
  const { metadata } = object;
  if (metadata.name) metadata.labels = { ...metadata.labels, [NAME_LABEL]: metadata.name };
}

/** The phase follows from whether the namespace is being deleted. */
function phaseErrors({ metadata, ...object }: KubeObject): FieldError[] {
  const phase = stringAt(objectAt(object, 'status'), 'phase') ?? '';
  const isDeleting = metadata.deletionTimestamp !== undefined;
  if (phase === (isDeleting ? 'Terminating' : 'Active')) return [];
  const why = `may only be '${isDeleting ? 'Terminating' : 'Active'}' if \`deletionTimestamp\` is ${isDeleting ? 'not ' : ''}empty`;
  return [fieldError.invalid('status.Phase', phase, why)];
}

/** Namespaces. Their deletion takes everything in them along: see `gc/namespace-deletion.ts`. */
export const namespaces = builtinResource({
  group: '',
  version: 'v1',
  plural: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  shortNames: ['ns'],
  namespaced: false,
  hasStatus: true,
  fields: {
    spec: struct('NamespaceSpec', { finalizers: listOf(string) }),
    status: struct('NamespaceStatus', { phase: string, conditions: listOf(any) }),
  },
  always: { spec: {}, status: {} },
  ownership: { ignored: singleton(['f:status']), ignoredByStatus: singleton(['f:spec']) },
  normalize: (object) => labelWithName(object as KubeObject),
  revalidatesMetadata: true,
  strategy: {
    nameRule: (name, isPrefix) => dnsLabelProblems(isPrefix ? withoutTrailingDash(name) : name),
    prepareForCreate(object) {
      object['spec'] = { finalizers: ['kubernetes'] };
      object['status'] = { phase: 'Active' };
      labelWithName(object);
    },
    prepareForUpdate(object, old) {
      object['spec'] = old['spec'];
      object['status'] = old['status'];
      labelWithName(object);
    },
    prepareForStatusUpdate(object, old) {
      object['spec'] = old['spec'];
    },
    beginDeletion(object, now) {
      object.metadata.deletionTimestamp = now;
      object['status'] = { phase: 'Terminating' };
    },
    validateStatusUpdate: (object, old) => [
      ...validateMetadataUpdate(object.metadata, old.metadata),
      ...phaseErrors(object),
    ],
    selectableFields: (object) => {
      const { phase } = (object['status'] ?? {}) as { phase?: string };
      return { 'status.phase': phase ?? '' };
    },
    selectableFieldNames: ['status.phase'],
  },
});
