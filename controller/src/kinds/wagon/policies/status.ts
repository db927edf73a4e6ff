import { type Heartbeat, type Wagon, type WagonStatus, wagonStatusSchema } from '@dark-carnival/crds';
import { findCondition, removeCondition, setCondition } from '../../../runtime/conditions.ts';
import { sameJson } from '../../../runtime/json-diff.ts';
import { type Summary, summarize } from '../../../runtime/kstatus.ts';
import type { LifeVerdict } from './life.ts';

export interface StatusFacts {
  wagon: Wagon;
  verdict: LifeVerdict;
  address: string | undefined;
  heartbeat: Heartbeat | undefined;
  /** Wall clock of the last heartbeat, RFC 3339. */
  heardAt: string | undefined;
  /** Keys are not sent because the way is not safe. */
  keysWithheld: boolean;
  /** The size of the vault may be written again. */
  mayWriteVault: boolean;
  now: string;
}

/** Says why keys are kept back; there exactly while they are. */
const KEYS_WITHHELD = 'KeysWithheld';

/**
 * The status that a wagon should have. Only a transition is worth a write: another phase, reason, address, start, version, or health of a provider. What moves all
 * the time (load, vault, last heartbeat) is taken along then, and at no other time.
 */
export function wagonStatus(facts: StatusFacts): WagonStatus {
  const before = known(facts.wagon.status);
  const moved = transition(before, facts);
  return sameJson(before, moved) ? before : { ...moved, ...snapshot(before, facts) };
}

function transition(before: WagonStatus, facts: StatusFacts): WagonStatus {
  const { wagon, verdict, address, heartbeat } = facts;
  const { generation } = wagon.metadata;
  return {
    ...before,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: conditionsOf(before, facts),
    phase: verdict.phase,
    ...(address === undefined ? {} : { address }),
    ...(heartbeat
      ? { version: heartbeat.version, instanceID: heartbeat.instanceID, providers: providersOf(heartbeat) }
      : {}),
  };
}

function conditionsOf(
  { conditions }: WagonStatus,
  { wagon, verdict, keysWithheld, now }: StatusFacts,
): NonNullable<WagonStatus['conditions']> {
  const at = () => now;
  const { generation } = wagon.metadata;
  const summarized = summarize(conditions, summaryOf(verdict), generation, at);
  if (!keysWithheld) return [...removeCondition(summarized, KEYS_WITHHELD)];
  const known = findCondition(summarized, KEYS_WITHHELD);
  const message = 'Its address is neither loopback nor https, so provider keys are not sent to it.';
  const wanted = { type: KEYS_WITHHELD, status: 'True', reason: 'InsecureAddress', message } as const;
  return known?.message === message ? [...summarized] : [...setCondition(summarized, wanted, at)];
}

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

function snapshot(before: WagonStatus, { heartbeat, heardAt, mayWriteVault }: StatusFacts): Partial<WagonStatus> {
  if (!heartbeat) return {};
  const vault = mayWriteVault || !before.vault ? heartbeat.vault : before.vault;
  return { jobs: heartbeat.jobs, vault, ...(heardAt === undefined ? {} : { lastHeartbeatTime: heardAt }) };
}

/** Status as the contract has it; one that somebody broke is made anew. */
function known(status: Wagon['status']): WagonStatus {
  return wagonStatusSchema.safeParse(status ?? {}).data ?? {};
}
