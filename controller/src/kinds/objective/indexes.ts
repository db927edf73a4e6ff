import type { Objective } from '@dark-carnival/crds';
import type { Indexer } from '@dark-carnival/kube';

/** Finds, by namespace, the Objectives that wait for a wagon or a provider. */
export const BY_WAITING = 'waiting';
/** Finds, by `namespace/wagon`, the Objectives that have assignments on a wagon. */
export const BY_WORKING_WAGON = 'workingWagon';

/** Indexes that the Objective controller needs its cache to have. Total: they see objects that nobody validated. */
export const OBJECTIVE_INDEXERS: Readonly<Record<string, Indexer<Objective>>> = {
  [BY_WAITING]: ({ metadata, status }) => {
    const waits = status?.phase === undefined || status.phase === 'Pending' || status.queue !== undefined;
    return waits && metadata.namespace !== undefined ? [metadata.namespace] : [];
  },
  [BY_WORKING_WAGON]: ({ metadata, status }) => {
    const names = new Set<unknown>();
    if (status?.phase === 'Scheduled' || status?.phase === 'Debating') names.add(status.wagonName);
    if (status?.phase === 'Executing' && Array.isArray(status.tasks)) {
      for (const task of status.tasks) if (task?.state === 'Running') names.add(task.wagonName);
    }
    return [...names].filter((name) => typeof name === 'string').map((name) => `${metadata.namespace}/${name}`);
  },
};
