import { API_VERSION, OBJECTIVES, type Objective, type ObjectiveSpecInput } from '@dark-carnival/crds';
import { ApiError, type JsonPatchOperation, type KubeClient, objectPath } from '@dark-carnival/kube';

/** What lies in Git. */
export interface Manifest {
  name: string;
  spec: ObjectiveSpecInput & Record<string, unknown>;
  annotations?: Record<string, string>;
}

interface ManagedFields {
  manager: string;
  operation: string;
  subresource?: string;
  [other: string]: unknown;
}

const bodyOf = ({ name, spec, annotations }: Manifest) => ({
  apiVersion: API_VERSION,
  kind: 'Objective',
  metadata: { name, namespace: 'default', ...(annotations ? { annotations } : {}) },
  spec,
});

async function serverSideApply(
  client: KubeClient,
  manifest: Manifest,
  fieldManager: string,
  dryRun = false,
): Promise<void> {
  await client.raw({
    method: 'PATCH',
    path: objectPath(OBJECTIVES, { namespace: 'default', name: manifest.name }),
    query: { fieldManager, force: true, ...(dryRun ? { dryRun: 'All' } : {}) },
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify(bodyOf(manifest)),
  });
}

const FLUX = 'kustomize-controller';
/** Managers whose fields Flux takes over before it applies: by the beginning of their names (kustomize-controller, cleanup options). */
const TAKEN_OVER = ['kubectl', 'before-first-apply', FLUX];

/**
 * One reconciliation as Flux does it (fluxcd/pkg/ssa, `Apply` with cleanup): dry run, then fields of kubectl's managers are taken over by a JSON patch of managedFields,
 * then server-side apply with force, which prunes what the taken-over managers had set and Git does not name.
 */
export async function fluxReconcile(client: KubeClient, manifest: Manifest): Promise<void> {
  await serverSideApply(client, manifest, FLUX, true);
  const ref = { namespace: 'default', name: manifest.name };
  const existing = await client.get<Objective>(OBJECTIVES, ref).catch(notFound);
  if (existing) {
    const patch = takeOver(existing);
    if (patch.length > 0)
      await client.patch(OBJECTIVES, ref, { type: 'json', operations: patch }, { fieldManager: FLUX });
  }
  await serverSideApply(client, manifest, FLUX);
}

/** PatchReplaceFieldsManagers: every entry of a taken-over manager becomes, with all its fields, Flux's own Apply entry. */
function takeOver({ metadata }: Objective): JsonPatchOperation[] {
  const entries = (metadata as unknown as { managedFields?: ManagedFields[] }).managedFields ?? [];
  const isTaken = ({ manager, operation, subresource }: ManagedFields) =>
    subresource === undefined &&
    TAKEN_OVER.some((name) => manager.startsWith(name)) &&
    !(manager === FLUX && operation === 'Apply');
  if (!entries.some(isTaken)) return [];
  const kept = entries.filter((entry) => !isTaken(entry));
  const own = kept.find(({ manager, operation }) => manager === FLUX && operation === 'Apply');
  const fields = Object.assign({}, ...entries.filter(isTaken).map((entry) => entry['fieldsV1']));
  const merged = own
    ? kept.map((entry) => (entry === own ? { ...own, fieldsV1: mergeFields(own['fieldsV1'], fields) } : entry))
    : [
        ...kept,
        { apiVersion: API_VERSION, fieldsType: 'FieldsV1', fieldsV1: fields, manager: FLUX, operation: 'Apply' },
      ];
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    { op: 'replace', path: '/metadata/managedFields', value: merged },
  ];
}

function mergeFields(a: unknown, b: unknown): unknown {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return b ?? a;
  const merged: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) merged[key] = key in merged ? mergeFields(merged[key], value) : value;
  return merged;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** One sync as Argo CD does it client-side: kubectl's three-way merge of last applied, Git and live, as a JSON merge patch. */
export async function argoSync(client: KubeClient, manifest: Manifest): Promise<void> {
  const ref = { namespace: 'default', name: manifest.name };
  const desired = { ...bodyOf(manifest), metadata: { ...bodyOf(manifest).metadata } };
  const annotations = { ...manifest.annotations, [LAST_APPLIED]: JSON.stringify(desired) };
  const live = await client.get<Objective>(OBJECTIVES, ref).catch(notFound);
  if (!live) {
    await client.create(
      OBJECTIVES,
      { ...desired, metadata: { ...desired.metadata, annotations } } as unknown as Objective,
      {
        fieldManager: 'argocd-controller',
      },
    );
    return;
  }
  const before = JSON.parse(live.metadata.annotations?.[LAST_APPLIED] ?? '{}') as { spec?: Record<string, unknown> };
  const spec = threeWay(before.spec ?? {}, manifest.spec, (live.spec ?? {}) as unknown as Record<string, unknown>);
  const body = { metadata: { annotations }, spec };
  await client.patch(OBJECTIVES, ref, { type: 'merge', body }, { fieldManager: 'argocd-controller' });
}

/** What Git wants and live has not; and null for what Git had named and does not name any more. */
function threeWay(
  before: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
  live: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(wanted)) {
    if (JSON.stringify(live[key]) !== JSON.stringify(value)) patch[key] = value;
  }
  for (const key of Object.keys(before)) if (!(key in wanted) && key in live) patch[key] = null;
  return patch;
}

/** One sync as Argo CD does it with ServerSideApply=true. */
export const argoServerSideSync = (client: KubeClient, manifest: Manifest): Promise<void> =>
  serverSideApply(client, manifest, 'argocd-controller');

function notFound(error: unknown): undefined {
  if (error instanceof ApiError && error.isNotFound) return undefined;
  throw error;
}
