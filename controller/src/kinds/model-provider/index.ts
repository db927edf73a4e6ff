import {
  isSelfRegistered,
  MODEL_PROVIDERS,
  type ModelProvider,
  modelProviderSpecSchema,
  type Wagon,
} from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { BY_NAMESPACE, type KubeClient, objectKey, type Reflector } from '@dark-carnival/kube';
import type { DaySpending, ReachedCap } from '../../ports/day-spending.ts';
import type { Leadership } from '../../ports/leadership.ts';
import type { Liveness } from '../../ports/liveness.ts';
import type { ProviderCredentials } from '../../ports/provider-credentials.ts';
import { findCondition } from '../../runtime/conditions.ts';
import { Controller } from '../../runtime/controller.ts';
import type { EventRecorder } from '../../runtime/event-recorder.ts';
import { Latest } from '../../runtime/latest.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ReconcileResult } from '../../runtime/outcome.ts';
import { StalledError } from '../../runtime/reconcile-errors.ts';
import { mappedFrom, objectsOf, type Source } from '../../runtime/source.ts';
import { patchStatus } from '../../runtime/status-patch.ts';
import { capReached, judgeProvider, providerStatus, type Reports } from './policy.ts';

/** What the ModelProvider controller needs from outside. */
export interface ModelProviderDeps {
  /** Fenced: it writes only while this process leads. */
  client: KubeClient;
  providers: Reflector<ModelProvider>;
  wagons: Reflector<Wagon>;
  credentials: ProviderCredentials;
  liveness: Liveness;
  spending: DaySpending;
  leadership: Leadership;
  events: Pick<EventRecorder, 'record'>;
  clock: Clock;
  logger: Logger;
}

/** Nobody watches Secrets: a key that was brought is noticed within this time. */
const SECRET_CHECK_MS = 60_000;

/** The controller of ModelProviders: says whether somebody reaches them, and what is missing. */
export function createModelProviderController(deps: ModelProviderDeps): Controller {
  const latest = new Latest(deps.providers.store);
  return new Controller({
    name: 'modelprovider',
    reconcile: (key) => reconcileProvider(deps, latest, key),
    sources: [
      objectsOf(deps.providers, (before, after) => before.metadata.generation !== after.metadata.generation),
      mappedFrom<Wagon>(deps.wagons, ({ metadata }) => providersIn(deps, metadata.namespace ?? ''), wagonMatters),
      heartbeats(deps),
      (enqueue) => deps.spending.onChange((namespace, name) => enqueue(`${namespace}/${name}`, 'low')),
    ],
    clock: deps.clock,
    logger: deps.logger,
    isLeader: () => deps.leadership.isLeader(),
    workers: 4,
  });
}

async function reconcileProvider(
  deps: ModelProviderDeps,
  latest: Latest<ModelProvider>,
  key: string,
): Promise<ReconcileResult | undefined> {
  const provider = latest.get(key);
  if (!provider || provider.metadata.deletionTimestamp !== undefined) return undefined;
  const spec = modelProviderSpecSchema.safeParse(provider.spec);
  if (!spec.success)
    throw new StalledError('Unreadable', `the object breaks its schema: ${spec.error.issues[0]?.message}`);
  const { namespace = '', name } = provider.metadata;
  const credential = await deps.credentials.keyFor(namespace, spec.data);
  const reports = reportsOf(deps, namespace, name);
  const cap = deps.spending.reachedCap(provider);
  const verdict = cap ? capReached(cap) : judgeProvider(credential, reports);
  const now = new Date(deps.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  const status = providerStatus(provider, verdict, reports, now);
  const written = await patchStatus(deps.client, MODEL_PROVIDERS, provider, status, { lock: 'Required' });
  if (written) latest.wrote(key, written);
  const before = findCondition(provider.status?.conditions, 'Ready');
  if (written && (before?.status !== verdict.status || before.reason !== verdict.reason)) {
    const type = verdict.status === 'False' ? 'Warning' : 'Normal';
    deps.events.record(provider, { type, reason: verdict.reason, message: verdict.message });
  }
  return lookAgain(deps, credential.outcome !== 'none', cap);
}

/** A key may come, and a cap that is used up ends at midnight, with nobody telling. */
function lookAgain(
  { clock }: ModelProviderDeps,
  hasKey: boolean,
  cap: ReachedCap | undefined,
): ReconcileResult | undefined {
  const waits = [
    ...(hasKey ? [SECRET_CHECK_MS] : []),
    ...(cap ? [Math.max(0, Date.parse(cap.resumesAt) - clock.now())] : []),
  ];
  return waits.length === 0 ? undefined : { requeueAfterMs: Math.min(...waits) };
}

/** What the wagons that are up, and are granted the provider, say about it. */
function reportsOf({ wagons, liveness }: ModelProviderDeps, namespace: string, provider: string): Reports {
  return wagons.store
    .byIndex(BY_NAMESPACE, namespace)
    .filter(
      (wagon) => isGranted(wagon, provider) && (wagon.status?.phase === 'Ready' || wagon.status?.phase === 'Draining'),
    )
    .map(({ metadata }) =>
      liveness.view(namespace, metadata.name).heartbeat?.providers.find(({ name }) => name === provider),
    );
}

/** A wagon that registered itself is granted what its spec names and nothing else. */
const isGranted = ({ metadata, spec }: Wagon, provider: string) =>
  spec?.providers?.includes(provider) ?? !isSelfRegistered(metadata.labels);

/** Health is part of most heartbeats that are news; one that only tells of load changes nothing here, and writes nothing. */
const heartbeats =
  (deps: ModelProviderDeps): Source =>
  (enqueue) =>
    deps.liveness.onChange((namespace) => {
      for (const key of providersIn(deps, namespace)) enqueue(key, 'low');
    });

const wagonMatters = (before: Wagon, after: Wagon): boolean =>
  before.status?.phase !== after.status?.phase || before.metadata.generation !== after.metadata.generation;

function providersIn({ providers }: ModelProviderDeps, namespace: string): string[] {
  return providers.store.byIndex(BY_NAMESPACE, namespace).map(objectKey);
}
