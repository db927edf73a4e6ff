import { type Heartbeat, type Wagon, type WagonStatus, wagonStatusSchema } from '@dark-carnival/crds';
import type { WagonAddress } from '../../../ports/wagon-client.ts';
import { removeCondition, setCondition } from '../../../runtime/conditions.ts';
import { sameJson } from '../../../runtime/json-diff.ts';
import { type Summary, summarize } from '../../../runtime/kstatus.ts';
import type { LifeVerdict } from './life.ts';
import { EVICTED_CONDITION } from './retention.ts';

export interface StatusFacts {
  wagon: Wagon;
  verdict: LifeVerdict;
  where: WagonAddress | undefined;
  heartbeat: Heartbeat | undefined;
  /** Wall clock of the last heartbeat, RFC 3339. */
  heardAt: string | undefined;
  /** Keys are not sent because the way is not safe. */
  keysWithheld: boolean;
  /** The size of the vault may be written again. */
  mayWriteVault: boolean;
  /** Why the object of an evicted wagon is still there though its time is over. */
  deletionHeld: DeletionHeld | undefined;
  /** Objectives of this wagon that wait for a person. */
  awaitingHuman: number;
  /** Their number may be written though nothing else is. */
  mayWriteAwaiting: boolean;
  now: string;
}

export interface DeletionHeld {
  reason: 'InUse' | 'MassSilence';
  message: string;
}

/** Says why keys are kept back; there exactly while they are. */
const KEYS_WITHHELD = 'KeysWithheld';
/** Says why an evicted wagon is not deleted yet; there exactly while something holds it beyond its retention. */
const DELETION_HELD = 'DeletionHeld';

/**
 * The status that a wagon should have. Only a transition is worth a write: another phase, reason, address, start, version, health of a provider, or (not
 * more often than `mayWriteAwaiting` allows) number of Objectives that wait for a person. What moves all the time (load, vault, last heartbeat) is taken along then.
 */
export function wagonStatus(facts: StatusFacts): WagonStatus {
  const before = known(facts.wagon.status);
  const moved = transition(before, facts);
  const asked = facts.mayWriteAwaiting && (before.awaitingHuman ?? 0) !== facts.awaitingHuman;
  return sameJson(before, moved) && !asked ? before : { ...moved, ...snapshot(before, facts) };
}

function transition(before: WagonStatus, facts: StatusFacts): WagonStatus {
  const { wagon, verdict, where, heartbeat } = facts;
  const { generation } = wagon.metadata;
  const { tlsFingerprint: _, ...kept } = before;
  return {
    ...(where ? kept : before),
    ...where,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: conditionsOf(before, facts),
    phase: verdict.phase,
    ...(heartbeat
      ? { version: heartbeat.version, instanceID: heartbeat.instanceID, providers: providersOf(heartbeat) }
      : {}),
  };
}

function conditionsOf(
  { conditions }: WagonStatus,
  { wagon, verdict, keysWithheld, deletionHeld, now }: StatusFacts,
): NonNullable<WagonStatus['conditions']> {
  const at = () => now;
  const { generation } = wagon.metadata;
  const abnormal = [
    [KEYS_WITHHELD, keysWithheld ? INSECURE_ADDRESS : undefined],
    [EVICTED_CONDITION, verdict.phase === 'Evicted' ? { reason: verdict.reason, message: verdict.message } : undefined],
    [DELETION_HELD, deletionHeld],
  ] as const;
  let next = summarize(conditions, summaryOf(verdict), generation, at);
  for (const [type, said] of abnormal) {
    next = said ? setCondition(next, { type, status: 'True', ...said }, at) : removeCondition(next, type);
  }
  return [...next];
}

const INSECURE_ADDRESS = {
  reason: 'InsecureAddress',
  message:
    'Its address is neither loopback nor https with a certificate that is known, so provider keys are not sent to it.',
};

function summaryOf({ phase, reason, message }: LifeVerdict): Summary {
  const said = { reason, message };
  switch (phase) {
    case 'Ready':
      return { ready: { status: 'True', ...said } };
    case 'Provisioning':
      return { ready: { status: 'False', ...said }, reconciling: said };
    case 'Failed':
      return { ready: { status: 'False', ...said }, stalled: said };
    default:
      return { ready: { status: 'False', ...said } };
  }
}

/** Health without what varies by itself, by name, so that a wagon that lists them in another order writes nothing. */
function providersOf({ providers }: Heartbeat): NonNullable<WagonStatus['providers']> {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const listed = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const shape = wagonStatusSchema.shape.providers.unwrap();
  return listed.flatMap(({ name, healthy, model, reason }) => {
    const entry = { name, healthy, ...(model ? { model } : {}), ...(reason ? { reason } : {}) };
    return shape.safeParse([entry]).data ?? [];
  });
}

function snapshot(
  before: WagonStatus,
  { heartbeat, heardAt, mayWriteVault, awaitingHuman }: StatusFacts,
): Partial<WagonStatus> {
  if (!heartbeat) return { awaitingHuman };
  const vault = mayWriteVault || !before.vault ? heartbeat.vault : before.vault;
  return {
    jobs: heartbeat.jobs,
    vault,
    awaitingHuman,
    ...(heardAt === undefined ? {} : { lastHeartbeatTime: heardAt }),
  };
}

/** Status as the contract has it; one that somebody broke is made anew. */
function known(status: Wagon['status']): WagonStatus {
  return wagonStatusSchema.safeParse(status ?? {}).data ?? {};
}
