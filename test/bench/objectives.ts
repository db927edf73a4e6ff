import { type KubeObject, OBJECTIVES, type Objective, type ResourceRef } from '@dark-carnival/crds';
import { CONFIG_MAPS, EVENTS } from '@dark-carnival/kube';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';
import { type Row, timeAll } from './measure.ts';

const BURST = 200;
const WAGONS = ['LXC-CORE', 'LXC-OSINT', 'LXC-MEDIA'];

/** The real API server and controller in one process, with three wagons that answer at once: what is measured is the control plane alone. */
export async function benchObjectives(): Promise<Row[]> {
  const stack = await RingmasterStack.start();
  try {
    for (const nodeID of WAGONS) await stack.join(new ScriptedWagon({ nodeID }), { maxConcurrentJobs: 16 });
    const perSecond: number[] = [];
    for (const run of [1, 2, 3]) perSecond.push(await burst(stack, run));
    return [
      {
        name: `Objectives to AwaitingHuman, burst of ${BURST}`,
        unit: '/s',
        runs: perSecond,
        note: '20 creates in flight; store in memory, plain http',
      },
      ...(await countWrites(stack)),
    ];
  } finally {
    await stack.stop();
  }
}

/** @returns Objectives per second from the first create to the last question. */
async function burst(stack: RingmasterStack, run: number): Promise<number> {
  const waiting = new Set<string>();
  const stopping = new AbortController();
  const events = await stack.client.watch<Objective>(OBJECTIVES, { namespace: 'default', signal: stopping.signal });
  const all = (async () => {
    for await (const event of events) {
      if (event.type !== 'MODIFIED' || event.object.status?.phase !== 'AwaitingHuman') continue;
      waiting.add(event.object.metadata.name);
      if (waiting.size === BURST) return;
    }
  })();
  const began = performance.now();
  await timeAll(BURST, 20, (index) =>
    stack.state({ directive: 'Plan a tide chart' }, { name: `burst-${run}-${index}` }),
  );
  await all;
  const seconds = (performance.now() - began) / 1000;
  stopping.abort();
  await timeAll(BURST, 20, (index) => stack.remove(`burst-${run}-${index}`));
  return BURST / seconds;
}

/** Counts what one Objective of two tasks costs from creation to Completed, by watching who writes what. */
async function countWrites(stack: RingmasterStack): Promise<Row[]> {
  const counts = { status: 0, configMaps: 0, events: 0 };
  const stopping = new AbortController();
  // From a revision that is known before the create: nothing is missed, however late the watch opens.
  const { metadata: now } = await stack.client.list(OBJECTIVES, { namespace: 'default' });
  const options = { namespace: 'default', resourceVersion: now.resourceVersion ?? '0', signal: stopping.signal };
  const follow = async (resource: ResourceRef, count: (object: KubeObject) => void) => {
    try {
      for await (const event of await stack.client.watch(resource, options)) {
        if (event.type !== 'BOOKMARK') count(event.object);
      }
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
  };
  const followers = Promise.all([
    follow(OBJECTIVES, ({ metadata }) => {
      if (metadata.name === 'counted') counts.status += 1;
    }),
    follow(CONFIG_MAPS, ({ metadata }) => {
      if (metadata.name.startsWith('counted-')) counts.configMaps += 1;
    }),
    follow(EVENTS, ({ metadata }) => {
      if (metadata.name.startsWith('counted.')) counts.events += 1;
    }),
  ]);
  await stack.state({ directive: 'Plan a tide chart' }, { name: 'counted' });
  await stack.decide('counted', 'Approve');
  await stack.phase('counted', 'Completed');
  // Events follow the phase change they tell of.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  stopping.abort();
  await followers;
  return [
    {
      name: 'writes of the Objective, to Completed',
      unit: 'writes',
      runs: [counts.status],
      note: 'one round, one approval, two tasks; the create and the approval are two of them',
    },
    {
      name: 'writes of its ConfigMaps',
      unit: 'writes',
      runs: [counts.configMaps],
      note: 'plan and round; the round is removed at the end',
    },
    { name: 'writes of its Events', unit: 'writes', runs: [counts.events], note: 'one per phase change' },
  ];
}
