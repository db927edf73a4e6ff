import { API_VERSION, type KubeObject, OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { CONFIG_MAPS } from '@dark-carnival/kube';
import type { Plan, Reference } from './plans.ts';
import { LIMIT_MS, type Once, type Story } from './stories.ts';
import { NAME, OBJECTIVE, type Theatre } from './theatre.ts';

/** All that is compared, and all that must hold by itself, of one run of one story. */
export interface Performance {
  /** Whether it came to its end at all. */
  ended: boolean;
  tookMs: number;
  end: unknown;
  phases: readonly string[];
  /** Creations and deletions of what the Objective owns while it lived. */
  lifecycle: readonly string[];
  files: readonly string[];
  purchases: readonly { key: string; wagon: string; outcome: string }[];
  puts: readonly { id: string; body: string; at: number }[];
  abortedAt: number | undefined;
  /** Jobs that still run on living wagons at the end. */
  running: readonly string[];
  /** Writes that a second controller made on what had ended. */
  writesAtRest: readonly string[];
  /** What is left after the Objective was deleted. */
  left: readonly string[];
  usage: { totalTokens: number; unsettled: number; calls: number };
  reference: Reference;
  statusWrites: number;
  /** The controller, or word of what a wagon did, was lost besides. */
  lostWord: boolean;
}

/** Performs a story, under a plan or without, and clears the stage. */
export async function perform(theatre: Theatre, story: Story, plan?: Plan): Promise<Performance> {
  await theatre.restoreWagons();
  theatre.audience.clear();
  story.prepare?.(theatre);
  const { ringmaster, audience, sim, clock } = theatre;
  const faults = sim.faults(plan?.at === 'write' ? [{ when: 'write *', nth: plan.nth, do: plan.fault }] : []);
  ringmaster.meet(faults);
  ringmaster.notifications.arm(plan?.at === 'notification' ? plan : undefined);
  ringmaster.line.arm(plan?.at === 'order' ? { order: plan } : plan?.at === 'wake' ? { wake: plan } : {});
  const curtain = new AbortController();
  const once = onceOn(theatre, curtain.signal);
  theatre.onRest = () => {
    if (audience.latest) story.direct(theatre, audience.latest, once);
  };
  const began = clock.monotonic();
  await sim.client.create<KubeObject>(OBJECTIVES, {
    apiVersion: API_VERSION,
    kind: 'Objective',
    metadata: { name: NAME, namespace: 'default' },
    spec: story.spec as object,
  });
  const isOver = () => (story.ends === undefined ? audience.isGone : audience.latest?.status?.phase === story.ends);
  const ended = await theatre.playUntil(() => isOver(), LIMIT_MS);
  const tookMs = clock.monotonic() - began;
  curtain.abort();
  theatre.onRest = () => {};
  // What an end still brings with it: Events, what is removed.
  await theatre.rest(5_000);
  const reference = {
    writes: faults.trace.entries.filter(isWrite).map(({ operation: o }) => `${o.verb} ${o.resource} ${o.object}`),
    orders: [...ringmaster.line.orders],
    notifications: [...ringmaster.notifications.told],
    wakes: [...ringmaster.line.wakes],
  };
  const lostWord = theatre.ringmaster !== ringmaster || plan?.at === 'wake';
  theatre.replace();
  const second = theatre.ringmaster;
  await theatre.rest(16_000);
  const writesAtRest = [...second.writes];
  const last = audience.revisions.at(-1);
  const performance: Performance = {
    ended,
    tookMs,
    end: normalised(last, story),
    phases: audience.phases,
    lifecycle: [...audience.lifecycle],
    files: theatre.wagons.flatMap(({ files }) => files),
    purchases: theatre.wagons.flatMap(({ purchases }) => purchases.map((purchase) => ({ ...purchase }))),
    puts: theatre.wagons.flatMap(({ puts }) => puts),
    abortedAt: audience.abortedAt,
    running: theatre.wagons.filter(({ isDead }) => !isDead).flatMap(({ running }) => running),
    writesAtRest,
    left: await clear(theatre),
    usage: { totalTokens: 0, unsettled: 0, calls: 0, ...last?.status?.usage },
    reference,
    statusWrites: reference.writes.filter((write) => write.startsWith('patch objectives/status')).length,
    lostWord,
  };
  return performance;
}

const isWrite = ({ operation: { verb } }: { operation: { verb: string } }) =>
  ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(verb);

function onceOn({ clock }: Theatre, over: AbortSignal): Once {
  const done = new Set<string>();
  return (name, afterMs, act) => {
    if (done.has(name)) return;
    done.add(name);
    clock.setTimeout(() => void (over.aborted || act()), afterMs);
  };
}

/** Deletes the Objective, and looks at what stays. */
async function clear(theatre: Theatre): Promise<string[]> {
  const { sim, audience } = theatre;
  const before = (await sim.client.list(CONFIG_MAPS, { namespace: 'default' })).items.map(
    ({ metadata }) => metadata.name,
  );
  const rounds = before.filter((name) => /-(round|resume)-/.test(name));
  if (!audience.isGone) {
    await sim.client.delete(OBJECTIVES, OBJECTIVE);
    await theatre.playUntil(() => audience.isGone, 180_000);
  }
  await theatre.rest(1_000);
  const left = rounds.map((name) => `${name} after the end`);
  if (!audience.isGone) {
    left.push('the Objective, though it was deleted');
    const body = { metadata: { finalizers: [] } };
    await sim.client.patch(OBJECTIVES, OBJECTIVE, { type: 'merge', body }).catch(() => {});
    await theatre.rest(1_000);
  }
  const after = (await sim.client.list(CONFIG_MAPS, { namespace: 'default' })).items;
  for (const { metadata } of after) {
    left.push(`${metadata.name} after the deletion`);
    await sim.client.delete(CONFIG_MAPS, metadata).catch(() => {});
  }
  return left;
}

/** An end without what differs from run to run: times, and what is made of uid and times. */
function normalised(objective: Objective | undefined, { losesWagon }: Story): unknown {
  if (!objective) return undefined;
  const { metadata, spec, status } = objective;
  const { plan, workedSeconds: _, usage, ...rest } = status ?? {};
  const text = JSON.stringify({
    finalizers: metadata.finalizers,
    spec,
    status: rest,
    plan: { ...plan },
    // Of a wagon that died nobody may know what it had spent.
    ...(losesWagon ? {} : { usage }),
  });
  const hashes = [...new Set((status?.decisions ?? []).map(({ planHash }) => planHash))];
  const named = hashes.reduce((whole, hash, index) => whole.replaceAll(hash, `PLAN ${index + 1}`), text);
  const timeless = (key: string, value: unknown) => (TIMES.has(key) ? undefined : value);
  return JSON.parse(named.replaceAll(metadata.uid ?? '-', 'UID'), timeless);
}

const TIMES: ReadonlySet<string> = new Set([
  'startTime',
  'completionTime',
  'lastTransitionTime',
  'at',
  'prevHash',
  'requestedAt',
  'expiresAt',
  'inputsDigest',
]);
