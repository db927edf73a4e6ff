import { ApiError, CONFIG_MAPS, type ConfigMap } from '@dark-carnival/kube';
import type { UserClient } from './hub-deps.ts';

/** Reads a ConfigMap as the caller may; undefined where there is none, or it is not theirs to read. */
export async function readConfigMap(
  client: UserClient,
  namespace: string,
  name: string,
): Promise<ConfigMap | undefined> {
  try {
    return await client.find<ConfigMap>(CONFIG_MAPS, { namespace, name });
  } catch (error) {
    if (error instanceof ApiError && error.isForbidden) return undefined;
    throw error;
  }
}
