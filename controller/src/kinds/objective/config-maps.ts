import { LABELS, OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { ApiError, CONFIG_MAPS, type ConfigMap, type KubeClient } from '@dark-carnival/kube';
import { sha256 } from '../../runtime/digests.ts';
import { controllerReference, isOwnedBy } from '../../runtime/owner-references.ts';
import { TransientError, WaitingError } from '../../runtime/reconcile-errors.ts';

/** The one entry of a ConfigMap of ours. */
export interface Content {
  name: string;
  key: string;
  value: string;
  /** `binary`: the value is base64 and goes under binaryData. */
  form: 'text' | 'binary';
}

/** How long a name that belongs to somebody else is waited for. */
const TAKEN_RETRY_MS = 30_000;

/**
 * Reads a ConfigMap; undefined where there is none. Only ever by name: bodies are large, so nobody lists or watches them.
 * @throws when the API cannot be asked: unknown is not absent.
 */
export function readConfigMap(client: KubeClient, namespace: string, name: string): Promise<ConfigMap | undefined> {
  return client.find<ConfigMap>(CONFIG_MAPS, { namespace, name });
}

/**
 * Stores an immutable ConfigMap that belongs to an Objective. Safe to repeat: what is there with the same content is fine. What is there with other content was
 * left by a pass that got no further than this, so it is replaced; never one of somebody else, and never on the word of an old cache.
 */
export async function storeConfigMap(client: KubeClient, owner: Objective, content: Content): Promise<void> {
  const wanted = toConfigMap(owner, content);
  if (await created(client, wanted)) return;
  const { namespace = '', name } = wanted.metadata;
  const found = await readConfigMap(client, namespace, name);
  if (found && isOwnedBy(found, owner) && sameContent(found, content)) return;
  if (found) await removeLeftover(client, owner, found);
  if (!(await created(client, wanted))) throw new TransientError('Conflict', `${name} came back`, { silent: true });
}

/** Deletes ConfigMaps of an Objective; one that is gone is fine. */
export async function deleteConfigMaps(client: KubeClient, owner: Objective, names: readonly string[]): Promise<void> {
  const { namespace } = owner.metadata;
  await Promise.all(
    names.map(async (name) => {
      try {
        await client.delete(CONFIG_MAPS, { namespace, name });
      } catch (error) {
        if (!(error instanceof ApiError && error.isNotFound)) throw error;
      }
    }),
  );
}

function toConfigMap(owner: Objective, { name, key, value, form }: Content): ConfigMap {
  const { namespace, name: ownerName } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [LABELS.objective]: ownerName },
      ownerReferences: [controllerReference(owner)],
    },
    immutable: true,
    ...(form === 'binary' ? { binaryData: { [key]: value } } : { data: { [key]: value } }),
  };
}

function sameContent({ immutable, data, binaryData }: ConfigMap, { key, value, form }: Content): boolean {
  const there = form === 'binary' ? binaryData?.[key] : data?.[key];
  return immutable === true && there !== undefined && sha256(there) === sha256(value);
}

async function created(client: KubeClient, object: ConfigMap): Promise<boolean> {
  try {
    await client.create<ConfigMap>(CONFIG_MAPS, object);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.isAlreadyExists) return false;
    throw error;
  }
}

async function removeLeftover(client: KubeClient, owner: Objective, found: ConfigMap): Promise<void> {
  const { namespace, name, uid } = found.metadata;
  const ofOurs = found.metadata.ownerReferences?.some(
    (reference) => reference.kind === OBJECTIVES.kind && reference.name === owner.metadata.name,
  );
  if (!ofOurs) {
    const message = `a ConfigMap ${name} that is not ours stands in the way; rename or delete it`;
    throw new WaitingError('ConfigMapTaken', message, { afterMs: TAKEN_RETRY_MS });
  }
  const live = await client.get<Objective>(OBJECTIVES, owner.metadata);
  if (live.metadata.resourceVersion !== owner.metadata.resourceVersion) {
    throw new TransientError('Conflict', 'the Objective was read too early', { silent: true });
  }
  await client.delete(CONFIG_MAPS, { namespace, name }, uid === undefined ? {} : { preconditions: { uid } });
}
