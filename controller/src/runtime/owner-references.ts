import type { KubeObject, OwnerReference } from '@dark-carnival/crds';

/**
 * Makes `owner` the controller of an object in its own namespace: it is deleted with it, and its changes wake it.
 * @throws TypeError when the owner was never stored, and so has no uid.
 */
export function controllerReference({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  const { name, uid } = metadata;
  if (uid === undefined) throw new TypeError(`${kind} "${name}" has no uid: it cannot own anything yet`);
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The owner that controls an object; at most one does. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** Whether `owner`, and not an older object of its name, owns an object: names come again, uids never. */
export function isOwnedBy({ metadata }: KubeObject, owner: KubeObject): boolean {
  const { uid } = owner.metadata;
  return uid !== undefined && (metadata.ownerReferences?.some((reference) => reference.uid === uid) ?? false);
}
