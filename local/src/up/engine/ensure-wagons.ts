import { API_VERSION, LABELS, WAGONS, type Wagon, wagonSpecSchema } from '@dark-carnival/crds';
import { ApiError, type KubeClient } from '@dark-carnival/kube';
import type { WagonRequest } from '../wagons-flag.ts';
import { NAMESPACE } from './resources.ts';

/** The wagon as it would be created. */
export function newWagon({ name, nodeID, role, port }: WagonRequest): Wagon {
  return {
    apiVersion: API_VERSION,
    kind: 'Wagon',
    metadata: { name, namespace: NAMESPACE, labels: { [LABELS.role]: role } },
    spec: wagonSpecSchema.parse({ nodeID, role, runtime: { type: 'Process', process: { port } } }),
  };
}

/** Wagons of the request that the API does not have. */
export function missingWagons(requested: readonly WagonRequest[], existing: readonly Wagon[]): WagonRequest[] {
  const here = existing.filter(({ metadata }) => metadata.namespace === NAMESPACE);
  const names = new Set(here.map(({ metadata }) => metadata.name));
  return requested.filter(({ name }) => !names.has(name));
}

/** Creates wagons; one that somebody else created meanwhile is as good. */
export async function createWagons(client: KubeClient, wagons: readonly WagonRequest[]): Promise<void> {
  for (const wagon of wagons) {
    try {
      await client.create(WAGONS, newWagon(wagon));
    } catch (error) {
      if (!(error instanceof ApiError && error.isAlreadyExists)) throw error;
    }
  }
}
