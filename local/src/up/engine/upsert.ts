import { createHash } from 'node:crypto';
import { canonicalJson, GROUP, type KubeObject, type ResourceRef } from '@dark-carnival/crds';
import type { KubeClient } from '@dark-carnival/kube';
import { MANAGED_BY, MANAGED_BY_LABEL } from './resources.ts';

/** Remembers what was applied last, so that a person's own change is not undone at every start. */
const APPLIED_ANNOTATION = `${GROUP}/applied-digest`;

export type UpsertOutcome =
  | 'Created'
  | 'Updated'
  | 'Unchanged'
  /** An object of that name exists that somebody else made: it is left alone. */
  | 'Foreign';

/**
 * Brings an object to the API that this program owns: created where it is missing, replaced where what we want has changed since we last said
 * it, and not written otherwise.
 * @throws ApiError, TransportError.
 */
export async function upsert(client: KubeClient, resource: ResourceRef, wanted: KubeObject): Promise<UpsertOutcome> {
  const stamped = stamp(wanted);
  const existing = await client.find(resource, wanted.metadata);
  if (!existing) {
    await client.create(resource, stamped);
    return 'Created';
  }
  if (existing.metadata.labels?.[MANAGED_BY_LABEL] !== MANAGED_BY) return 'Foreign';
  if (existing.metadata.annotations?.[APPLIED_ANNOTATION] === stamped.metadata.annotations?.[APPLIED_ANNOTATION]) {
    return 'Unchanged';
  }
  await client.update(resource, replace(existing, stamped));
  return 'Updated';
}

function stamp<T extends KubeObject>(object: T): T {
  const digest = createHash('sha256').update(canonicalJson(object)).digest('hex');
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, [MANAGED_BY_LABEL]: MANAGED_BY },
      annotations: { ...object.metadata.annotations, [APPLIED_ANNOTATION]: digest },
    },
  };
}

/** Ours, with what others added to its metadata and status. */
function replace<T extends KubeObject>(existing: T, wanted: T): T {
  const { metadata, status } = existing;
  return {
    ...wanted,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...wanted.metadata.labels },
      annotations: { ...metadata.annotations, ...wanted.metadata.annotations },
    },
    ...(status === undefined ? {} : { status }),
  };
}
