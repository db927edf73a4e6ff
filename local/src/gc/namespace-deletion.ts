import { type JsonObject, jsonEqual, objectAt } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { namespaces } from '../registry/builtin/namespace.ts';
import { keyBounds, type Resource, splitKey } from '../registry/resource.ts';
import type { Api } from '../rest/api.ts';
import { deleteEntry } from '../rest/delete.ts';
import { recordUpdate } from '../rest/field-owners.ts';
import { CONTROLLER_MANAGER } from '../rest/own-writes.ts';
import type { Entry } from '../store/key-index.ts';
import type { StoreEvent } from '../store/store-event.ts';
import { timestamp } from '../timestamp.ts';
import { WorkQueue } from './work-queue.ts';

/** What still lies in a namespace that is going away. */
interface Remains {
  resource: Resource;
  objects: KubeObject[];
}

/** Empties namespaces that are being deleted, then removes them, as kube-controller-manager's namespace controller does. */
export class NamespaceDeletion {
  readonly #api: Api;
  readonly #queue: WorkQueue<string>;
  readonly #terminating = new Set<string>();

  constructor(api: Api, defer: (run: () => void) => void) {
    this.#api = api;
    this.#queue = new WorkQueue(defer, (name) => this.#reconcile(name));
    for (const entry of api.store.entries(namespaces.storage)) this.#look(entry.key, api.store.object(entry));
    api.store.onCommit((event, object) => this.#onCommit(event, object));
  }

  #onCommit(event: StoreEvent, object: KubeObject): void {
    if (event.resource === namespaces.storage) {
      if (event.type === 'DELETED') this.#terminating.delete(event.key);
      else this.#look(event.key, object);
    } else if (this.#terminating.size > 0 && this.#terminating.has(object.metadata.namespace ?? '')) {
      this.#queue.add(object.metadata.namespace ?? '');
    }
  }

  #look(name: string, object: KubeObject): void {
    if (!object.metadata.deletionTimestamp) return;
    this.#terminating.add(name);
    this.#queue.add(name);
  }

  #reconcile(name: string): void {
    const { store } = this.#api;
    const entry = store.entry(namespaces.storage, name);
    if (!entry || !this.#terminating.has(name)) return;
    for (const resource of this.#namespaced()) {
      for (const content of this.#contents(resource, name))
        deleteEntry(this.#api, resource, content, { propagationPolicy: 'Background', dryRun: false });
    }
    const remains = this.#namespaced()
      .map((resource) => ({
        resource,
        objects: this.#contents(resource, name).map((content) => store.object(content)),
      }))
      .filter(({ objects }) => objects.length > 0);
    const object = store.object(entry);
    if (remains.length > 0) this.#report(entry, object, remains);
    else if ((object.metadata.finalizers ?? []).length === 0) store.delete(entry, object);
    else if (objectAt(object, 'spec')?.['finalizers'] !== undefined)
      this.#put(entry, object, { ...object, spec: {} }, 'finalize');
  }

  #namespaced(): Resource[] {
    return this.#api.registry.all().filter((resource) => resource.namespaced);
  }

  #contents(resource: Resource, namespace: string): Entry[] {
    const { from, to } = keyBounds(resource, namespace);
    return this.#api.store
      .entries(resource.storage, from, to)
      .filter((entry) => splitKey(resource, entry.key).namespace === namespace);
  }

  /** Says in the status what holds the namespace; written only when that changed. */
  #report(entry: Entry, object: KubeObject, remains: readonly Remains[]): void {
    const conditions = conditionsOf(remains, timestamp(this.#api.clock));
    const before = objectAt(object, 'status')?.['conditions'];
    const words = (list: unknown) =>
      (list as JsonObject[] | undefined)?.map(({ lastTransitionTime: _time, ...rest }) => rest) ?? [];
    if (jsonEqual(words(before), words(conditions))) return;
    this.#put(entry, object, { ...object, status: { phase: 'Terminating', conditions } }, 'status');
  }

  #put(entry: Entry, before: KubeObject, object: KubeObject, subresource: string): void {
    const now = { ...object, metadata: { ...object.metadata } };
    recordUpdate(this.#api, namespaces, subresource, now, { object: before, rev: entry.rev }, CONTROLLER_MANAGER);
    this.#api.store.put(entry.resource, entry.key, now);
  }
}

function conditionsOf(remains: readonly Remains[], lastTransitionTime: string): JsonObject[] {
  const content = remains
    .map(({ resource, objects }) => `${qualified(resource)} has ${objects.length} resource instances`)
    .join(', ');
  const holders = new Map<string, number>();
  for (const object of remains.flatMap(({ objects }) => objects)) {
    for (const finalizer of object.metadata.finalizers ?? []) holders.set(finalizer, (holders.get(finalizer) ?? 0) + 1);
  }
  const finalizers = [...holders].map(([name, count]) => `${name} in ${count} resource instances`).join(', ');
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastTransitionTime,
    reason,
    message,
  });
  return [
    condition(
      'NamespaceDeletionDiscoveryFailure',
      'False',
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      'False',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    condition(
      'NamespaceDeletionContentFailure',
      'False',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    condition('NamespaceContentRemaining', 'True', 'SomeResourcesRemain', `Some resources are remaining: ${content}`),
    condition(
      'NamespaceFinalizersRemaining',
      'True',
      'SomeFinalizersRemain',
      `Some content in the namespace has finalizers remaining: ${finalizers}`,
    ),
  ];
}

function qualified({ plural, group }: Resource): string {
  return group ? `${plural}.${group}` : `${plural}.`;
}
