import type { KubeObject, ResourceRef } from '@dark-carnival/crds';

/** Kinds of Kubernetes itself that `carnival up` touches. */
export const SECRETS: ResourceRef = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
};

export const CUSTOM_RESOURCE_DEFINITIONS: ResourceRef = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

export interface Secret extends KubeObject {
  type?: string;
  /** Base64. */
  data?: Record<string, string>;
}

/** Marks what `carnival up` made from the environment, and so may change. */
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'carnival-up';

/** Namespace that `carnival up` works in. */
export const NAMESPACE = 'default';
