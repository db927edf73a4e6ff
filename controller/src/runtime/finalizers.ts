import type { KubeObject, ResourceRef } from '@dark-carnival/crds';
import { ApiError, type KubeClient } from '@dark-carnival/kube';
import { asTransient } from './outcome.ts';

/** Whether an object carries a finalizer. */
export function hasFinalizer({ metadata }: KubeObject, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false;
}

/** Whether the deletion of an object has begun. */
export function isBeingDeleted({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/**
 * Adds a finalizer, unless it is there; one write, refused when the object changed meanwhile (the list is replaced whole).
 * @returns the object with it.
 * @throws TransientError, silent for a lost race.
 */
export async function addFinalizer<T extends KubeObject>(
  client: KubeClient,
  resource: ResourceRef,
  object: T,
  finalizer: string,
): Promise<T> {
  if (hasFinalizer(object, finalizer)) return object;
  return writeFinalizers(client, resource, object, [...(object.metadata.finalizers ?? []), finalizer]);
}

/**
 * Removes a finalizer; nothing is sent when it is not there, and an object that is gone already is fine.
 * @throws TransientError, silent for a lost race.
 */
export async function removeFinalizer<T extends KubeObject>(
  client: KubeClient,
  resource: ResourceRef,
  object: T,
  finalizer: string,
): Promise<void> {
  if (!hasFinalizer(object, finalizer)) return;
  const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  try {
    await writeFinalizers(client, resource, object, finalizers);
  } catch (error) {
    if ((error as Error).cause instanceof ApiError && ((error as Error).cause as ApiError).isNotFound) return;
    throw error;
  }
}

async function writeFinalizers<T extends KubeObject>(
  client: KubeClient,
  resource: ResourceRef,
  object: T,
  finalizers: readonly string[],
): Promise<T> {
  const { uid, resourceVersion } = object.metadata;
  try {
    // The uid too: an object of the same name that was made anew has never promised us anything.
    const body = { metadata: { uid, resourceVersion, finalizers } };
    return await client.patch<T>(resource, object.metadata, { type: 'merge', body });
  } catch (error) {
    throw asTransient(error) ?? error;
  }
}
