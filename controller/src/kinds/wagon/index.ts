import { type ModelProvider, type Objective, WAGONS, type Wagon } from '@dark-carnival/crds';
import { BY_NAMESPACE, objectKey } from '@dark-carnival/kube';
import { Controller } from '../../runtime/controller.ts';
import { Latest } from '../../runtime/latest.ts';
import { mappedFrom, objectsOf, type Source } from '../../runtime/source.ts';
import type { WagonActor } from './actor.ts';
import type { WagonDeps } from './deps.ts';
import { askingWagon, wagonsNeededBy } from './needs.ts';
import { MassSilence } from './policies/mass-silence.ts';
import { ProviderSync } from './provider-sync.ts';
import { reconcileWagon } from './reconcile.ts';
import { WagonMemory } from './wagon-memory.ts';

export type { WagonDeps } from './deps.ts';
export { WAGON_NEED_INDEXERS } from './needs.ts';

const WORKERS = 8;

/** The controller of Wagons, with all that wakes it. */
export function createWagonController(deps: WagonDeps): Controller {
  const actor: WagonActor = {
    deps,
    sync: new ProviderSync(deps),
    latest: new Latest(deps.wagons.store),
    memory: new WagonMemory(),
    silence: new MassSilence(),
    wallOffsetMs: deps.clock.now() - deps.clock.monotonic(),
  };
  return new Controller({
    name: WAGONS.kind.toLowerCase(),
    reconcile: (key) => reconcileWagon(actor, key),
    sources: [
      forgetting(deps, actor),
      objectsOf(deps.wagons, specChanged),
      mappedFrom<ModelProvider>(deps.providers, ({ metadata }) => wagonsIn(deps, metadata.namespace ?? '')),
      heartbeats(deps),
      objectives(deps),
    ],
    clock: deps.clock,
    logger: deps.logger,
    isLeader: () => deps.leadership.isLeader(),
    workers: WORKERS,
  });
}

/** Our own status writes are no news; people's edits are. */
const specChanged = (before: Wagon, after: Wagon): boolean =>
  before.metadata.generation !== after.metadata.generation ||
  before.metadata.uid !== after.metadata.uid ||
  before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp;

/** Each heartbeat that says something new, such as the first. */
const heartbeats =
  ({ liveness }: WagonDeps): Source =>
  (enqueue) =>
    liveness.onChange((namespace, name) => enqueue(`${namespace}/${name}`, 'high'));

/** An Objective begins or ends to wait for a person, or lets go of an evicted wagon. Nothing else of it matters here. */
const objectives =
  (deps: WagonDeps): Source =>
  (enqueue) => {
    const wake = (namespace: string, names: Iterable<string | undefined>) => {
      for (const name of names) if (name !== undefined) enqueue(`${namespace}/${name}`, 'low');
    };
    const evictedOf = (objective: Objective) =>
      [...wagonsNeededBy(objective)].filter((name) => isEvicted(deps, objective.metadata.namespace, name));
    return deps.objectives.subscribe({
      onUpdate: (before, after) => {
        const { namespace = '' } = after.metadata;
        if (askingWagon(before) !== askingWagon(after)) wake(namespace, [askingWagon(before), askingWagon(after)]);
        if (before.status?.phase !== after.status?.phase) wake(namespace, evictedOf(before));
      },
      onDelete: (objective) => {
        wake(objective.metadata.namespace ?? '', [askingWagon(objective), ...evictedOf(objective)]);
      },
    });
  };

const isEvicted = ({ wagons }: WagonDeps, namespace: string | undefined, name: string): boolean =>
  wagons.store.get(`${namespace}/${name}`)?.status?.phase === 'Evicted';

/** What is remembered of a wagon goes with its object. */
function forgetting({ wagons }: WagonDeps, actor: WagonActor): Source {
  return () =>
    wagons.subscribe({
      onDelete: (wagon) => {
        const key = objectKey(wagon);
        actor.sync.forget(key);
        actor.memory.forget(key);
        actor.latest.forget(key);
        actor.silence.forget(wagon.metadata.namespace ?? '', wagon.metadata.name);
      },
    });
}

function wagonsIn({ wagons }: WagonDeps, namespace: string): string[] {
  return wagons.store.byIndex(BY_NAMESPACE, namespace).map(objectKey);
}
