import { type ModelProvider, WAGONS, type Wagon } from '@dark-carnival/crds';
import { BY_NAMESPACE, objectKey } from '@dark-carnival/kube';
import { Controller } from '../../runtime/controller.ts';
import { Latest } from '../../runtime/latest.ts';
import { mappedFrom, objectsOf, type Source } from '../../runtime/source.ts';
import type { WagonDeps } from './deps.ts';
import { ProviderSync } from './provider-sync.ts';
import { reconcileWagon, type WagonActor } from './reconcile.ts';

export type { WagonDeps } from './deps.ts';

const WORKERS = 8;

/** The controller of Wagons, with all that wakes it. */
export function createWagonController(deps: WagonDeps): Controller {
  const actor: WagonActor = {
    deps,
    sync: new ProviderSync(deps),
    latest: new Latest(deps.wagons.store),
    vaultWrites: new Map(),
  };
  return new Controller({
    name: WAGONS.kind.toLowerCase(),
    reconcile: (key) => reconcileWagon(actor, key),
    sources: [
      forgetting(deps, actor),
      objectsOf(deps.wagons, specChanged),
      mappedFrom<ModelProvider>(deps.providers, ({ metadata }) => wagonsIn(deps, metadata.namespace ?? '')),
      heartbeats(deps),
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

/** What is remembered of a wagon goes with its object. */
function forgetting({ wagons }: WagonDeps, actor: WagonActor): Source {
  return () =>
    wagons.subscribe({
      onDelete: (wagon) => {
        const key = objectKey(wagon);
        actor.sync.forget(key);
        actor.vaultWrites.delete(key);
        actor.latest.forget(key);
      },
    });
}

function wagonsIn({ wagons }: WagonDeps, namespace: string): string[] {
  return wagons.store.byIndex(BY_NAMESPACE, namespace).map(objectKey);
}
