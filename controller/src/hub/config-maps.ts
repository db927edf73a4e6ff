import type { KubeObject, ResourceRef } from '@dark-carnival/crds';
import { ApiError } from '@dark-carnival/kube';
import type { UserClient } from './hub-deps.ts';

const CONFIG_MAPS: ResourceRef = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
}

/** Reads a ConfigMap as the caller may; undefined where there is none, or it is not theirs to read. */
export async function readConfigMap(
  client: UserClient,
  namespace: string,
  name: string,
): Promise<ConfigMap | undefined> {
  try {
    return await client.get<ConfigMap>(CONFIG_MAPS, { namespace, name });
  } catch (error) {
    if (error instanceof ApiError && (error.isNotFound || error.isForbidden)) return undefined;
    throw error;
  }
}
