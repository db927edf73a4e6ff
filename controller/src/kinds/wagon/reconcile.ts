import {
  isSelfRegistered,
  STALE_CHECK_SECONDS,
  WAGONS,
  type Wagon,
  type WagonStatus,
  wagonSpecSchema,
} from '@dark-carnival/crds';
import { splitKey } from '@dark-carnival/kube';
import type { WagonAddress } from '../../ports/wagon-client.ts';
import { findCondition } from '../../runtime/conditions.ts';
import type { ReconcileResult } from '../../runtime/outcome.ts';
import { StalledError } from '../../runtime/reconcile-errors.ts';
import { patchStatus } from '../../runtime/status-patch.ts';
import type { ValidWagon, WagonActor } from './actor.ts';
import type { WagonDeps } from './deps.ts';
import { type EvictionStep, judgeEviction, removeEvicted } from './eviction.ts';
import { countAsking } from './needs.ts';
import { whereIs } from './policies/address.ts';
import { isInstalled, isSilent, judgeLife, type LifeFacts, type LifeVerdict } from './policies/life.ts';
import { wagonStatus } from './policies/status.ts';
import { ensureToken } from './token-secret.ts';

const VAULT_WRITE_MS = 600_000;
/** How often the number of Objectives that wait for a person may cost a write of its own. */
const AWAITING_WRITE_MS = 15_000;
const FORGET_AFTER_MS = 600_000;

/** Brings one Wagon's status to what is known of it: token, address, life, providers. An evicted one goes when its time is over. */
export async function reconcileWagon(actor: WagonActor, key: string): Promise<ReconcileResult | undefined> {
  const { deps } = actor;
  const wagon = validated(actor.latest.get(key));
  if (!wagon) return forget(deps, key);
  if (wagon.metadata.deletionTimestamp !== undefined) return undefined;
  const { namespace = '', name } = wagon.metadata;
  if (isInstalled(wagon.spec)) await ensureToken(deps, wagon);
  const { heartbeat } = deps.liveness.view(namespace, name);
  const where = whereIs(wagon.spec, heartbeat ?? wagon.status);
  const verdict = judgeLife(await lifeFacts(actor, wagon, where));
  const eviction = judgeEviction(actor, wagon, verdict);
  if (eviction.outcome === 'delete') return removeEvicted(actor, wagon);
  const alive = verdict.phase === 'Ready' || verdict.phase === 'Draining';
  const keysWithheld = alive && (await actor.sync.sync(wagon, where, heartbeat)) === 'withheld';
  const status = wantedStatus(actor, wagon, { verdict, where, eviction, keysWithheld });
  await write(actor, wagon, verdict, status);
  return { requeueAfterMs: eviction.checkInMs ?? STALE_CHECK_SECONDS * 1000 };
}

interface Judged {
  verdict: LifeVerdict;
  where: WagonAddress | undefined;
  eviction: EvictionStep;
  keysWithheld: boolean;
}

function wantedStatus(
  { deps, memory }: WagonActor,
  wagon: ValidWagon,
  { verdict, where, eviction, keysWithheld }: Judged,
): WagonStatus {
  const { namespace = '', name } = wagon.metadata;
  const key = `${namespace}/${name}`;
  const { heartbeat, heardAt } = deps.liveness.view(namespace, name);
  const { vaultWrittenAt, awaitingWrittenAt } = memory.of(key);
  const isDue = (writtenAt: number | undefined, everyMs: number) =>
    writtenAt === undefined || deps.clock.monotonic() - writtenAt >= everyMs;
  return wagonStatus({
    wagon,
    verdict,
    where,
    heartbeat,
    heardAt,
    keysWithheld,
    deletionHeld: eviction.outcome === 'keep' ? eviction.held : undefined,
    awaitingHuman: countAsking(deps.objectives, key),
    mayWriteVault: isDue(vaultWrittenAt, VAULT_WRITE_MS),
    mayWriteAwaiting: isDue(awaitingWrittenAt, AWAITING_WRITE_MS),
    now: new Date(deps.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
  });
}

async function write(
  { deps, latest, memory }: WagonActor,
  wagon: ValidWagon,
  verdict: LifeVerdict,
  status: WagonStatus,
): Promise<void> {
  const written = await patchStatus(deps.client, WAGONS, wagon, status, { lock: 'Required' });
  if (!written) return;
  const key = `${wagon.metadata.namespace}/${wagon.metadata.name}`;
  latest.wrote(key, written);
  const now = deps.clock.monotonic();
  if (status.vault !== wagon.status?.vault) memory.note(key, { vaultWrittenAt: now });
  if (status.awaitingHuman !== wagon.status?.awaitingHuman) memory.note(key, { awaitingWrittenAt: now });
  if (verdict.phase === wagon.status?.phase) return;
  const { phase: reason, message } = verdict;
  const isBad = reason === 'Stale' || reason === 'Failed' || reason === 'Evicted';
  deps.events.record(wagon, { type: isBad ? 'Warning' : 'Normal', reason, message });
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

/** @throws StalledError for an object that breaks its schema. */
function validated(wagon: Wagon | undefined): ValidWagon | undefined {
  if (!wagon) return undefined;
  const spec = wagonSpecSchema.safeParse(wagon.spec);
  if (spec.success) return { ...wagon, spec: spec.data };
  const [issue] = spec.error.issues;
  throw new StalledError('Unreadable', `the object breaks its schema: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** A silent wagon is asked directly before it is judged; others, and those that were given up, are not bothered. */
async function lifeFacts(
  { deps, memory }: WagonActor,
  { metadata, spec, status }: ValidWagon,
  where: WagonAddress | undefined,
): Promise<LifeFacts> {
  const { namespace = '', name, uid, labels } = metadata;
  const selfRegistered = isSelfRegistered(labels);
  const { ageMs, heardAgoMs } = deps.liveness.view(namespace, name);
  const now = deps.clock.monotonic();
  const said = findCondition(status?.conditions, 'Ready');
  const facts: LifeFacts = {
    spec,
    selfRegistered,
    foreignToken: !selfRegistered && isInstalled(spec) && (await deps.tokens.isOfSelfRegistered(namespace, name)),
    phase: status?.phase,
    said: said && { reason: said.reason, message: said.message },
    ageMs,
    heardAgoMs,
    knownForMs: now - memory.firstSeen(`${namespace}/${name}`, uid ?? '', now),
    probe: undefined,
  };
  if (!isSilent(facts) || where === undefined || status?.phase === 'Evicted') return facts;
  const { outcome } = await deps.wagonClient.probe(where);
  // While it was asked it may have been heard.
  const heard = deps.liveness.view(namespace, name);
  return { ...facts, ageMs: heard.ageMs, heardAgoMs: heard.heardAgoMs, probe: outcome };
}
