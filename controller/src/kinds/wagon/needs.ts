import type { Objective } from '@dark-carnival/crds';
import type { Indexer, Reflector } from '@dark-carnival/kube';

/** Finds, by `namespace/wagon`, the Objectives that need a wagon: its files, or the work on it. */
const BY_NEEDED_WAGON = 'neededWagon';
/** Finds, by `namespace/wagon`, the Objectives of a wagon that wait for a person. */
const BY_ASKING_WAGON = 'askingWagon';

const ENDED: readonly unknown[] = ['Completed', 'Failed', 'Aborted', 'Expired'];

/** Wagons that an Objective needs, by name. Total: it sees objects that nobody validated. */
export function wagonsNeededBy({ spec, status }: Objective): Set<string> {
  const names = new Set<unknown>();
  const hasEnded = ENDED.includes(status?.phase);
  if (!hasEnded) names.add(status?.wagonName).add(spec?.wagonName);
  for (const task of Array.isArray(status?.tasks) ? status.tasks : []) {
    if (!hasEnded && task?.state === 'Running') names.add(task.wagonName);
    if (task?.artifact && task.artifact.state !== 'Lost') names.add(task.artifact.wagonName);
  }
  return new Set([...names].filter((name) => typeof name === 'string'));
}

/** The wagon whose Objective waits for a person. */
export const askingWagon = ({ status }: Objective): string | undefined =>
  status?.phase === 'AwaitingHuman' && typeof status.wagonName === 'string' ? status.wagonName : undefined;

/** Indexes that the Wagon controller needs the cache of Objectives to have. */
export const WAGON_NEED_INDEXERS: Readonly<Record<string, Indexer<Objective>>> = {
  [BY_NEEDED_WAGON]: (objective) =>
    [...wagonsNeededBy(objective)].map((name) => `${objective.metadata.namespace}/${name}`),
  [BY_ASKING_WAGON]: (objective) => {
    const name = askingWagon(objective);
    return name === undefined ? [] : [`${objective.metadata.namespace}/${name}`];
  },
};

export const isNeeded = ({ store }: Pick<Reflector<Objective>, 'store'>, wagonKey: string): boolean =>
  store.countByIndex(BY_NEEDED_WAGON, wagonKey) > 0;

export const countAsking = ({ store }: Pick<Reflector<Objective>, 'store'>, wagonKey: string): number =>
  store.countByIndex(BY_ASKING_WAGON, wagonKey);
