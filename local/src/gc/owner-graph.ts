import type { KubeObject, OwnerReference } from '../json/kube-object.ts';

/** Where an object lies, and whom it names as its owners. */
export interface GraphNode {
  readonly uid: string;
  readonly resource: string;
  readonly key: string;
  owners: readonly OwnerReference[];
}

const NO_OWNERS: readonly OwnerReference[] = [];
const NOBODY: ReadonlySet<GraphNode> = new Set();

/** Who owns whom, by uid. */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #dependents = new Map<string, Set<GraphNode>>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** The objects that name this uid as an owner, whether or not it exists. */
  dependents(uid: string): ReadonlySet<GraphNode> {
    return this.#dependents.get(uid) ?? NOBODY;
  }

  /** Adds an object, or takes over its owners. @returns its node, and whether its owners changed */
  set(resource: string, key: string, object: KubeObject): { node: GraphNode; ownersChanged: boolean } {
    const { uid = '', ownerReferences = NO_OWNERS } = object.metadata;
    const known = this.#nodes.get(uid);
    const node = known ?? { uid, resource, key, owners: NO_OWNERS };
    if (!known) this.#nodes.set(uid, node);
    const ownersChanged = !sameOwners(node.owners, ownerReferences);
    if (ownersChanged) {
      this.#unlink(node);
      node.owners = ownerReferences;
      for (const owner of ownerReferences) {
        const dependents = this.#dependents.get(owner.uid) ?? new Set();
        this.#dependents.set(owner.uid, dependents.add(node));
      }
    }
    return { node, ownersChanged };
  }

  /** Takes an object out. Those that name it as their owner stay, and go on naming it. */
  delete(uid: string): GraphNode | undefined {
    const node = this.#nodes.get(uid);
    if (!node) return undefined;
    this.#unlink(node);
    this.#nodes.delete(uid);
    return node;
  }

  #unlink(node: GraphNode): void {
    for (const owner of node.owners) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(node);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

function sameOwners(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  return (
    a.length === b.length &&
    a.every((owner, index) => owner.uid === b[index]?.uid && owner.blockOwnerDeletion === b[index]?.blockOwnerDeletion)
  );
}
