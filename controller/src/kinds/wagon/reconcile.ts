import { type Heartbeat, STALE_CHECK_SECONDS, WAGONS, type Wagon, wagonSpecSchema } from '@dark-carnival/crds';
import { splitKey } from '@dark-carnival/kube';
import type { Latest } from '../../runtime/latest.ts';
import type { ReconcileResult } from '../../runtime/outcome.ts';
import { StalledError } from '../../runtime/reconcile-errors.ts';
import { patchStatus } from '../../runtime/status-patch.ts';
import type { WagonDeps } from './deps.ts';
import { addressOf } from './policies/address.ts';
import { isInstalled, isSilent, judgeLife, type LifeFacts } from './policies/life.ts';
import { wagonStatus } from './policies/status.ts';
import type { ProviderSync } from './provider-sync.ts';
import { ensureToken } from './token-secret.ts';

const VAULT_WRITE_MS = 600_000;
const FORGET_AFTER_MS = 600_000;

export interface WagonActor {
  deps: WagonDeps;
  sync: ProviderSync;
  /** The cache, with our own writes that it has not heard of. */
  latest: Latest<Wagon>;
  /** When the size of a vault was last written, by key, monotonic. */
  vaultWrites: Map<string, number>;
}

/** Brings one Wagon's status to what is known of it: token, address, life, providers. */
export async function reconcileWagon(actor: WagonActor, key: string): Promise<ReconcileResult | undefined> {
  const { deps } = actor;
  const wagon = validated(actor.latest.get(key));
  if (!wagon) return forget(deps, key);
  if (wagon.metadata.deletionTimestamp !== undefined) return undefined;
  const { namespace = '', name } = wagon.metadata;
  if (isInstalled(wagon.spec)) await ensureToken(deps, wagon);
  const { ageMs, heartbeat, heardAt } = deps.liveness.view(namespace, name);
  const address = addressOf(wagon.spec, heartbeat?.address ?? wagon.status?.address);
  const verdict = judgeLife(await lifeFacts(deps, wagon, { ageMs, heartbeat, address }));
  const alive = verdict.phase === 'Ready' || verdict.phase === 'Draining';
  const synced = alive ? await actor.sync.sync(wagon, address, heartbeat) : 'done';
  const status = wagonStatus({
    wagon,
    verdict,
    address,
    heartbeat,
    heardAt,
    keysWithheld: synced === 'withheld',
    mayWriteVault: deps.clock.monotonic() - (actor.vaultWrites.get(key) ?? Number.NEGATIVE_INFINITY) >= VAULT_WRITE_MS,
    now: new Date(deps.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
  });
  const written = await patchStatus(deps.client, WAGONS, wagon, status, { lock: 'Required' });
  if (written) actor.latest.wrote(key, written);
  if (written && status.vault !== wagon.status?.vault) actor.vaultWrites.set(key, deps.clock.monotonic());
  if (written && verdict.phase !== wagon.status?.phase) {
    const type = verdict.phase === 'Stale' || verdict.phase === 'Failed' ? 'Warning' : 'Normal';
    deps.events.record(wagon, { type, reason: verdict.phase, message: verdict.message });
  }
  return { requeueAfterMs: STALE_CHECK_SECONDS * 1000 };
}

/** The last heartbeat of a wagon whose object is gone stays for a while: work that it held is given away by its age. */
function forget({ liveness }: WagonDeps, key: string): ReconcileResult | undefined {
  const { namespace = '', name } = splitKey(key);
  const { heardAgoMs } = liveness.view(namespace, name);
  if (heardAgoMs === undefined) return undefined;
  if (heardAgoMs < FORGET_AFTER_MS) return { requeueAfterMs: FORGET_AFTER_MS };
  liveness.forget(namespace, name);
  return undefined;
}

type ValidWagon = Wagon & { spec: NonNullable<Wagon['spec']> };

/** @throws StalledError for an object that breaks its schema. */
function validated(wagon: Wagon | undefined): ValidWagon | undefined {
  if (!wagon) return undefined;
  const spec = wagonSpecSchema.safeParse(wagon.spec);
  if (spec.success) return { ...wagon, spec: spec.data };
  const [issue] = spec.error.issues;
  throw new StalledError('Unreadable', `the object breaks its schema: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** A silent wagon is asked directly before it is judged; others are not bothered. */
async function lifeFacts(
  { wagonClient }: WagonDeps,
  { spec, status }: ValidWagon,
  { ageMs, heartbeat, address }: { ageMs: number; heartbeat: Heartbeat | undefined; address: string | undefined },
): Promise<LifeFacts> {
  const facts: LifeFacts = { spec, phase: status?.phase, ageMs, heard: heartbeat !== undefined, probe: undefined };
  if (!isSilent(facts) || address === undefined) return facts;
  const { outcome } = await wagonClient.probe(address);
  return { ...facts, probe: outcome };
}
