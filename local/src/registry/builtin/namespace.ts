import { validateMetadataUpdate } from '../../admission/metadata.ts';
import { dnsLabelProblems, withoutTrailingDash } from '../../admission/names.ts';
import { singleton } from '../../field-ownership/field-set.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { builtinResource } from './builtin-strategy.ts';
import { any, listOf, string, struct } from './go-fields.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

function labelWithName(object: KubeObject): void {
  const { metadata } = object;
  if (metadata.name) metadata.labels = { ...metadata.labels, [NAME_LABEL]: metadata.name };
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
    validateStatusUpdate: (object, old) => validateMetadataUpdate(object.metadata, old.metadata),
    selectableFields: (object) => {
      const { phase } = (object['status'] ?? {}) as { phase?: string };
      return { 'status.phase': phase ?? '' };
    },
    selectableFieldNames: ['status.phase'],
  },
});
