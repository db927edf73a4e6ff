import {
  ANNOTATIONS,
  API_VERSION,
  endpointHost,
  type FoundProvider,
  type KubeObject,
  LABELS,
  MODEL_PROVIDERS,
  type ModelProvider,
  modelProviderSpecSchema,
} from '@dark-carnival/crds';
import { type KubeClient, SECRETS, type Secret } from '@dark-carnival/kube';
import { MANAGED_BY, MANAGED_BY_LABEL, NAMESPACE } from '../engine/resources.ts';
import { type UpsertOutcome, upsert } from '../engine/upsert.ts';

/** Key of a provider's key in its Secret. */
const SECRET_KEY = 'apiKey';
const secretName = (provider: string) => `${provider}-credentials`;

export interface ProvidersReport {
  /** Each provider that was found, and what became of it. */
  applied: { provider: FoundProvider; outcome: UpsertOutcome }[];
  /** Made at an earlier start, and not found any more: still there, with its key. */
  kept: string[];
  /** No provider at all but the Rehearsal. */
  rehearsal: boolean;
}

/**
 * Brings what was found to the API: one ModelProvider and, where there is a key, one Secret each. What has gone from the environment is kept:
 * an Objective under way may need it, and a shell without a variable is no order to delete.
 */
export async function applyProviders(client: KubeClient, found: readonly FoundProvider[]): Promise<ProvidersReport> {
  const applied: ProvidersReport['applied'] = [];
  for (const provider of found) applied.push({ provider, outcome: await applyOne(client, provider) });
  const { items } = await client.list<ModelProvider>(MODEL_PROVIDERS, { namespace: NAMESPACE });
  const names = new Set(found.map(({ name }) => name));
  const kept = items.filter(
    ({ metadata }) => metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY && !names.has(metadata.name),
  );
  return {
    applied,
    kept: kept.map(({ metadata }) => metadata.name),
    rehearsal: !items.some(({ spec }) => spec?.type !== 'Rehearsal'),
  };
}

async function applyOne(client: KubeClient, provider: FoundProvider): Promise<UpsertOutcome> {
  const key = provider.apiKey === undefined ? 'Unchanged' : await applySecret(client, provider, provider.apiKey);
  const outcome = await upsert(client, MODEL_PROVIDERS, toObject(provider));
  return outcome === 'Unchanged' && key === 'Updated' ? 'Updated' : outcome;
}

function toObject({ name, type, model, endpoint, wire, prices, apiKey }: FoundProvider): KubeObject {
  return {
    apiVersion: API_VERSION,
    kind: 'ModelProvider',
    metadata: { name, namespace: NAMESPACE },
    spec: modelProviderSpecSchema.parse({
      type,
      model,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(wire === undefined ? {} : { wire }),
      ...(prices === undefined ? {} : { prices }),
      ...(apiKey === undefined ? {} : { credentialsSecretRef: { name: secretName(name), key: SECRET_KEY } }),
    }),
  };
}

/** Compared by content, not by a digest in an annotation: nothing that is derived from a key is shown anywhere. */
async function applySecret(client: KubeClient, provider: FoundProvider, apiKey: string): Promise<UpsertOutcome> {
  const wanted = toSecret(provider, apiKey);
  const existing = await client.find<Secret>(SECRETS, wanted.metadata);
  if (!existing) {
    await client.create(SECRETS, wanted);
    return 'Created';
  }
  if (existing.metadata.labels?.[MANAGED_BY_LABEL] !== MANAGED_BY) return 'Foreign';
  const hosts = (secret: Secret) => secret.metadata.annotations?.[ANNOTATIONS.allowedHosts];
  if (existing.data?.[SECRET_KEY] === wanted.data?.[SECRET_KEY] && hosts(existing) === hosts(wanted))
    return 'Unchanged';
  const annotations = { ...existing.metadata.annotations, ...wanted.metadata.annotations };
  await client.update(SECRETS, {
    ...existing,
    data: wanted.data,
    metadata: { ...existing.metadata, annotations },
  } as Secret);
  return 'Updated';
}

function toSecret(provider: FoundProvider, apiKey: string): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName(provider.name),
      namespace: NAMESPACE,
      labels: { [LABELS.providerCredentials]: 'true', [MANAGED_BY_LABEL]: MANAGED_BY },
      annotations: { [ANNOTATIONS.allowedHosts]: endpointHost(provider) ?? '' },
    },
    type: 'Opaque',
    data: { [SECRET_KEY]: Buffer.from(apiKey, 'utf8').toString('base64') },
  };
}
