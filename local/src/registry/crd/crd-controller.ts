import type { Clock } from '@dark-carnival/crds/clock';
import { objectAt, stringAt } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { CrdInvalidError } from '../../schema/index.ts';
import type { RevisionStore } from '../../store/revision-store.ts';
import type { StoreEvent } from '../../store/store-event.ts';
import { timestamp } from '../../timestamp.ts';
import { customResourceDefinitions, INSTANCE_CLEANUP } from '../builtin/custom-resource-definition.ts';
import type { Registry } from '../registry.ts';
import { customResources } from './custom-resources.ts';
import { conditionStatus, namesOf, setCondition } from './definition.ts';

/** What the controller works with. */
export interface CrdControllerOptions {
  store: RevisionStore;
  registry: Registry;
  clock: Clock;
  defer: (run: () => void) => void;
  /** Deletes every object of a custom resource, for a CRD that is going away. */
  deleteInstances: (storage: string) => void;
  /** Records who owns the status that this controller writes; in place. */
  recordStatus: (crd: KubeObject, before: { object: KubeObject; rev: number }) => void;
  /** A stored CRD cannot be served. */
  onFault: (error: unknown) => void;
}

/** Serves what CRDs declare, from the commit on, and writes their status. */
export class CrdController {
  readonly #options: CrdControllerOptions;
  /** Generation of each CRD whose resources are served. */
  readonly #served = new Map<string, number>();

  constructor(options: CrdControllerOptions) {
    this.#options = options;
    const { store } = options;
    for (const entry of store.entries(customResourceDefinitions.storage)) {
      const crd = store.object(entry);
      this.#serve(crd);
      this.#schedule(entry.key);
    }
    store.onCommit((event, object) => this.#onCommit(event, object));
  }

  #onCommit(event: StoreEvent, object: KubeObject): void {
    if (event.resource === customResourceDefinitions.storage) {
      if (event.type === 'DELETED') this.#withdraw(object);
      else this.#serve(object);
      this.#schedule(event.key);
    } else if (event.type === 'DELETED') this.#scheduleOwner(event.resource);
  }

  /** The last object of a kind that is going away may have been the one that held its CRD. */
  #scheduleOwner(storage: string): void {
    const [group, plural] = storage.split('/');
    if (group && this.#served.has(`${plural}.${group}`)) this.#schedule(`${plural}.${group}`);
  }

  #serve(crd: KubeObject): void {
    const { registry, store, onFault } = this.#options;
    const { name, generation = 1 } = crd.metadata;
    if (this.#served.get(name) === generation) return;
    try {
      registry.replace(storageOf(crd), customResources(crd));
      store.forgetAttributes(storageOf(crd));
      this.#served.set(name, generation);
    } catch (error) {
      // A definition that an earlier version of this server took: it is left unserved, and the others are not harmed.
      if (!(error instanceof CrdInvalidError)) throw error;
      onFault(error);
    }
  }

  #withdraw(crd: KubeObject): void {
    this.#options.registry.replace(storageOf(crd), []);
    this.#served.delete(crd.metadata.name);
  }

  #schedule(key: string): void {
    this.#options.defer(() => this.#reconcile(key));
  }

  #reconcile(key: string): void {
    const { store, clock, deleteInstances } = this.#options;
    const entry = store.entry(customResourceDefinitions.storage, key);
    if (!entry) return;
    const crd = store.object(entry);
    if (crd.metadata.deletionTimestamp) {
      if (store.count(storageOf(crd)) > 0) deleteInstances(storageOf(crd));
      if (store.count(storageOf(crd)) > 0) return;
      const finalizers = (crd.metadata.finalizers ?? []).filter((name) => name !== INSTANCE_CLEANUP);
      if (finalizers.length === 0) store.delete(entry, crd);
      else if (finalizers.length < (crd.metadata.finalizers ?? []).length) {
        store.put(entry.resource, key, { ...crd, metadata: { ...crd.metadata, finalizers } });
      }
    } else if (conditionStatus(crd, 'Established') !== 'True' || !this.#namesAccepted(crd)) {
      const accepted = established(store.object(entry), timestamp(clock));
      this.#options.recordStatus(accepted, { object: crd, rev: entry.rev });
      store.put(entry.resource, key, accepted);
    }
  }

  #namesAccepted(crd: KubeObject): boolean {
    return JSON.stringify(objectAt(objectAt(crd, 'status'), 'acceptedNames')) === JSON.stringify(namesOf(crd));
  }
}

function storageOf(crd: KubeObject): string {
  return `${stringAt(objectAt(crd, 'spec'), 'group')}/${stringAt(namesOf(crd), 'plural')}`;
}

function established(crd: KubeObject, now: string): KubeObject {
  setCondition(
    crd,
    { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    now,
  );
  const message = 'the initial names have been accepted';
  setCondition(crd, { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message }, now);
  crd['status'] = { ...objectAt(crd, 'status'), acceptedNames: { ...namesOf(crd) } };
  return crd;
}
