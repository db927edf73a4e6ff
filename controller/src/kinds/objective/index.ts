import type { ModelProvider, Wagon } from '@dark-carnival/crds';
import { type ConfigMap, objectKey } from '@dark-carnival/kube';
import { Controller } from '../../runtime/controller.ts';
import { sameJson } from '../../runtime/json-diff.ts';
import { mappedFrom, objectsOf, type Source } from '../../runtime/source.ts';
import type { Actor } from './apply.ts';
import type { ObjectiveDeps } from './deps.ts';
import { BY_WAITING, BY_WORKING_WAGON } from './indexes.ts';
import { reconcileObjective } from './reconcile.ts';
import { type ControllerState, openState } from './state.ts';
import { WagonWakes } from './wakes.ts';

export type { ObjectiveDeps } from './deps.ts';
export { OBJECTIVE_INDEXERS } from './indexes.ts';

const DEFAULT_WORKERS = 32;
/** Waiting Objectives that are looked at for each slot that became free: the oldest first, and some more, since not every one fits every wagon. */
const WOKEN_PER_SLOT = 4;

/** The controller of Objectives, with all that wakes it. */
export function createObjectiveController(deps: ObjectiveDeps): Controller {
  const { objectives, wagons, providers, clock, logger, leadership } = deps;
  const state = openState(deps, (namespace, slots) => {
    for (const key of oldestWaiting(deps, namespace, slots * WOKEN_PER_SLOT)) controller.enqueue(key);
  });
  const wakes = new WagonWakes({
    wagonClient: deps.wagonClient,
    enqueue: (key) => controller.enqueue(key),
    worksFor: (namespace, wagon) => workingOn(deps, `${namespace}/${wagon}`),
  });
  const actor: Actor = { deps, state, wakes };
  const controller: Controller = new Controller({
    name: 'objective',
    reconcile: (key, context) => reconcileObjective(actor, key, context),
    sources: [
      bookkeeping(deps, state, wakes),
      objectsOf(objectives, (_, after) => !state.latest.isEcho(objectKey(after), after)),
      mappedFrom(wagons, (wagon) => touchedBy(deps, wagon), wagonMatters),
      mappedFrom<ModelProvider>(
        providers,
        ({ metadata }) => waitingIn(deps, metadata.namespace ?? ''),
        providerMatters,
      ),
      mappedFrom<ConfigMap>(deps.defaults, ({ metadata }) => waitingIn(deps, metadata.namespace ?? ''), defaultsMatter),
      healthChanges(deps),
    ],
    clock,
    logger,
    isLeader: () => leadership.isLeader(),
    workers: deps.workers ?? DEFAULT_WORKERS,
  });
  return controller;
}

/** Keeps the books, and closes what is open when this process no longer leads. First of the sources: the books are full before anybody is placed. */
function bookkeeping(
  { objectives, wagons }: ObjectiveDeps,
  { latest, slots, jobs, validated }: ControllerState,
  wakes: WagonWakes,
): Source {
  return () => {
    slots.clear();
    const unsubscribe = [
      objectives.subscribe({
        onAdd: (object) => slots.bookObject(object),
        onUpdate: (_, after) => slots.bookObject(latest.get(objectKey(after)) ?? after),
        onDelete: ({ metadata }) => {
          slots.drop(metadata.namespace ?? '', metadata.uid ?? '');
          validated.forget(metadata.uid ?? '');
          jobs.retain(metadata.uid ?? '', new Set());
          latest.forget(`${metadata.namespace}/${metadata.name}`);
        },
      }),
      wagons.subscribe({ onDelete: ({ metadata }) => wakes.forget(metadata.namespace ?? '', metadata.name) }),
    ];
    return () => {
      for (const end of unsubscribe) end();
      wakes.close();
    };
  };
}

/** A wagon that reaches other providers than before may host what waits. */
function healthChanges(deps: ObjectiveDeps): Source {
  return (enqueue) => {
    const known = new Map<string, string>();
    return deps.liveness.onChange((namespace, name) => {
      const key = `${namespace}/${name}`;
      const providers = deps.liveness.view(namespace, name).heartbeat?.providers ?? [];
      const health = JSON.stringify(
        providers.map(({ name: provider, healthy, reason }) => [provider, healthy, reason]),
      );
      if (known.get(key) === health) return;
      known.set(key, health);
      for (const waiting of waitingIn(deps, namespace)) enqueue(waiting, 'high');
    });
  };
}

function waitingIn({ objectives }: ObjectiveDeps, namespace: string): string[] {
  return objectives.store.byIndex(BY_WAITING, namespace).map(objectKey);
}

function workingOn({ objectives }: ObjectiveDeps, wagonKey: string): string[] {
  return objectives.store.byIndex(BY_WORKING_WAGON, wagonKey).map(objectKey);
}

function touchedBy(deps: ObjectiveDeps, wagon: Wagon): string[] {
  return [...waitingIn(deps, wagon.metadata.namespace ?? ''), ...workingOn(deps, objectKey(wagon))];
}

function oldestWaiting({ objectives }: ObjectiveDeps, namespace: string, count: number): string[] {
  return objectives.store
    .byIndex(BY_WAITING, namespace)
    .sort(
      (a, b) =>
        compareText(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
        compareText(a.metadata.name, b.metadata.name),
    )
    .slice(0, count)
    .map(objectKey);
}

const compareText = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0);

/** What of a wagon changes where work can go; its counts of jobs and files do not. */
function wagonMatters(before: Wagon, after: Wagon): boolean {
  const decisive = ({ metadata, spec, status }: Wagon) => ({
    deleting: metadata.deletionTimestamp,
    labels: metadata.labels,
    spec,
    phase: status?.phase,
    address: status?.address,
    tlsFingerprint: status?.tlsFingerprint,
    providers: status?.providers,
  });
  return !sameJson(decisive(before), decisive(after));
}

const defaultsMatter = (before: ConfigMap, after: ConfigMap): boolean => !sameJson(before.data, after.data);

const providerMatters = (before: ModelProvider, after: ModelProvider): boolean =>
  before.metadata.generation !== after.metadata.generation ||
  before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp;
