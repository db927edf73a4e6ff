import type { KubeObject, OwnerReference } from '../json/kube-object.ts';
import { events } from '../registry/builtin/event.ts';
import { type Resource, splitKey } from '../registry/resource.ts';
import type { Api } from '../rest/api.ts';
import { changeMetadata } from '../rest/change-metadata.ts';
import { deleteEntry, FOREGROUND, ORPHAN } from '../rest/delete.ts';
import type { PropagationPolicy } from '../rest/delete-options.ts';
import type { Entry } from '../store/key-index.ts';
import type { StoreEvent } from '../store/store-event.ts';
import { type GraphNode, OwnerGraph } from './owner-graph.ts';
import { WorkQueue } from './work-queue.ts';

/** A node that is still there, with its object as it is now. */
interface Live {
  node: GraphNode;
  resource: Resource;
  entry: Entry;
  object: KubeObject;
}

/** Owners of an object by what they mean for it. */
interface Owners {
  /** They keep it alive. */
  solid: OwnerReference[];
  /** They are gone. */
  dangling: OwnerReference[];
  /** They wait for it to go first. */
  waiting: OwnerReference[];
}

/**
 * Deletes objects whose owners are gone, and clears the finalizers `orphan` and `foregroundDeletion`, by the rules of the garbage collector
 * of kube-controller-manager. It works behind the writes, a few objects per turn, and looks again at everything when it starts.
 */
export class GarbageCollector {
  readonly #api: Api;
  readonly #graph = new OwnerGraph();
  readonly #queue: WorkQueue<string>;
  /** Owners seen to go: they count as gone even when nobody serves their kind any more. */
  readonly #seenGone = new Set<string>();

  constructor(api: Api, defer: (run: () => void) => void) {
    this.#api = api;
    this.#queue = new WorkQueue(defer, (uid) => this.#attempt(uid));
    for (const resource of api.store.resources()) this.#load(resource);
    api.store.onCommit((event, object) => this.#onCommit(event, object));
  }

  #load(resource: string): void {
    if (resource === events.storage) return;
    for (const entry of this.#api.store.entries(resource)) {
      const object = this.#api.store.object(entry);
      this.#graph.set(resource, entry.key, object);
      if (object.metadata.ownerReferences || object.metadata.deletionTimestamp)
        this.#queue.add(object.metadata.uid ?? '');
    }
  }

  #onCommit(event: StoreEvent, object: KubeObject): void {
    if (event.resource === events.storage) return;
    const { uid = '', deletionTimestamp } = object.metadata;
    if (event.type === 'DELETED') {
      this.#onGone(uid);
      return;
    }
    const { node, ownersChanged } = this.#graph.set(event.resource, event.key, object);
    const lacksOwner = ownersChanged && node.owners.some((owner) => !this.#isWithin(node, this.#graph.get(owner.uid)));
    if (lacksOwner || deletionTimestamp) this.#queue.add(uid);
  }

  #onGone(uid: string): void {
    const node = this.#graph.delete(uid);
    const dependents = this.#graph.dependents(uid);
    if (dependents.size > 0) this.#seenGone.add(uid);
    for (const dependent of dependents) this.#queue.add(dependent.uid);
    // An owner may have been waiting for this one.
    for (const owner of node?.owners ?? []) this.#queue.add(owner.uid);
  }

  #attempt(uid: string): void {
    const live = this.#live(uid);
    if (!live) return;
    const { deletionTimestamp, finalizers = [] } = live.object.metadata;
    if (deletionTimestamp && finalizers.includes(ORPHAN)) this.#orphanDependents(live);
    else if (deletionTimestamp && finalizers.includes(FOREGROUND)) this.#awaitDependents(live);
    else if (!deletionTimestamp) this.#judge(live);
  }

  #live(uid: string): Live | undefined {
    const node = this.#graph.get(uid);
    const resource = node && this.#api.registry.stored(node.resource);
    const entry = node && this.#api.store.entry(node.resource, node.key);
    return resource && entry ? { node, resource, entry, object: this.#api.store.object(entry) } : undefined;
  }

  /** Deletes an object none of whose owners keeps it. */
  #judge(live: Live): void {
    const { solid, dangling, waiting } = this.#classify(live);
    if (solid.length > 0) {
      const lost = new Set([...dangling, ...waiting].map((owner) => owner.uid));
      if (lost.size > 0) this.#dropOwners(live, lost);
    } else if (waiting.length > 0 && this.#graph.dependents(live.node.uid).size > 0) this.#delete(live, 'Foreground');
    else if (dangling.length + waiting.length > 0) this.#delete(live, undefined);
    for (const { uid } of dangling) if (this.#graph.dependents(uid).size === 0) this.#seenGone.delete(uid);
  }

  #classify({ node, object }: Live): Owners {
    const owners: Owners = { solid: [], dangling: [], waiting: [] };
    for (const owner of object.metadata.ownerReferences ?? []) {
      const found = this.#live(owner.uid);
      if (found && this.#isWithin(node, found.node)) {
        const { deletionTimestamp, finalizers = [] } = found.object.metadata;
        const waits = deletionTimestamp !== undefined && finalizers.includes(FOREGROUND);
        owners[waits ? 'waiting' : 'solid'].push(owner);
      } else if (this.#isKnownKind(owner)) owners.dangling.push(owner);
      else owners.solid.push(owner);
    }
    return owners;
  }

  /** Owners are of the object's own namespace, or of none. */
  #isWithin(node: GraphNode, owner: GraphNode | undefined): boolean {
    if (!owner) return false;
    const ownerResource = this.#api.registry.stored(owner.resource);
    if (!ownerResource?.namespaced) return true;
    const resource = this.#api.registry.stored(node.resource);
    if (!resource?.namespaced) return false;
    return splitKey(resource, node.key).namespace === splitKey(ownerResource, owner.key).namespace;
  }

  /** Of a kind that nobody serves, an owner cannot be said to be gone, unless it was seen to go. */
  #isKnownKind(owner: OwnerReference): boolean {
    return this.#seenGone.has(owner.uid) || this.#api.registry.findKind(owner.apiVersion, owner.kind) !== undefined;
  }

  #delete({ resource, entry, object }: Live, policy: PropagationPolicy | undefined): void {
    const propagationPolicy =
      policy ??
      ((object.metadata.finalizers ?? []).some((name) => name === ORPHAN || name === FOREGROUND)
        ? undefined
        : 'Background');
    deleteEntry(this.#api, resource, entry, { propagationPolicy, dryRun: false });
  }

  #awaitDependents(live: Live): void {
    const blocking = [...this.#graph.dependents(live.node.uid)].filter((dependent) =>
      dependent.owners.some((owner) => owner.uid === live.node.uid && owner.blockOwnerDeletion === true),
    );
    if (blocking.length === 0) this.#removeFinalizer(live, FOREGROUND);
    for (const dependent of blocking) {
      const found = this.#live(dependent.uid);
      if (!found) continue;
      // Two that wait for each other would wait for ever.
      if (found.object.metadata.finalizers?.includes(FOREGROUND) && found.object.metadata.deletionTimestamp) {
        if (live.node.owners.some((owner) => owner.uid === dependent.uid)) this.#unblock(found, live.node.uid);
      } else this.#queue.add(dependent.uid);
    }
  }

  #unblock({ resource, entry }: Live, ownerUid: string): void {
    changeMetadata(this.#api, resource, entry, (meta) => {
      meta.ownerReferences = (meta.ownerReferences ?? []).map((owner) =>
        owner.uid === ownerUid ? { ...owner, blockOwnerDeletion: false } : owner,
      );
    });
    this.#queue.add(ownerUid);
  }

  #orphanDependents(live: Live): void {
    const lost = new Set([live.node.uid]);
    for (const dependent of [...this.#graph.dependents(live.node.uid)]) {
      const found = this.#live(dependent.uid);
      if (found) this.#dropOwners(found, lost);
    }
    this.#removeFinalizer(live, ORPHAN);
  }

  #dropOwners({ resource, entry }: Live, lost: ReadonlySet<string>): void {
    changeMetadata(this.#api, resource, entry, (meta) => {
      meta.ownerReferences = (meta.ownerReferences ?? []).filter((owner) => !lost.has(owner.uid));
    });
  }

  #removeFinalizer({ resource, entry }: Live, finalizer: string): void {
    changeMetadata(this.#api, resource, entry, (meta) => {
      meta.finalizers = (meta.finalizers ?? []).filter((name) => name !== finalizer);
    });
  }
}
