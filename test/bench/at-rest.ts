import { API_VERSION, type KubeObject, OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { CONFIG_MAPS, LEASES } from '@dark-carnival/kube';
import { eventually } from '../harness/eventually.ts';
import { startStack } from '../harness/stack.ts';
import type { Row } from './measure.ts';

const SECONDS = 60;

/** Writes while nobody wants anything: the API server's own revision says how many there were, a watch says how many were the Lease. */
export async function benchAtRest(): Promise<Row[]> {
  const stack = await startStack({ wagons: ['LXC-CORE:CORE', 'LXC-OSINT:OSINT', 'LXC-MEDIA:MEDIA'] });
  try {
    for (const [name, mode] of [
      ['done', 'Auto'],
      ['waiting', 'Manual'],
    ] as const) {
      const objective = {
        apiVersion: API_VERSION,
        kind: 'Objective',
        metadata: { name, namespace: 'default' },
        spec: { directive: 'Write a runbook for a leaking boat', approval: { mode } },
      };
      await stack.client.create(OBJECTIVES, objective as KubeObject);
      const wanted = mode === 'Auto' ? 'Completed' : 'AwaitingHuman';
      await eventually(
        async () => {
          const found = await stack.client.get<Objective>(OBJECTIVES, { namespace: 'default', name });
          return found.status?.phase === wanted ? found : undefined;
        },
        { timeoutMs: 60_000, what: `${name} to be ${wanted}` },
      );
    }
    // Events and the last status writes may still be on their way.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const revision = async () =>
      Number((await stack.client.list(CONFIG_MAPS, { namespace: 'default' })).metadata.resourceVersion);
    let leaseWrites = 0;
    const watching = new AbortController();
    const leases = await stack.client.list(LEASES);
    const resourceVersion = leases.metadata.resourceVersion ?? '0';
    const counted = (async () => {
      for await (const event of await stack.client.watch(LEASES, { resourceVersion, signal: watching.signal })) {
        if (event.type === 'MODIFIED') leaseWrites += 1;
      }
    })().catch(() => {});
    const before = await revision();
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const after = await revision();
    watching.abort();
    await counted;
    return [
      {
        name: `writes in ${SECONDS} s`,
        unit: 'writes',
        runs: [after - before],
        note: 'difference of the store’s revision',
      },
      { name: 'of these, the election Lease', unit: 'writes', runs: [leaseWrites], note: 'seen by a watch' },
    ];
  } finally {
    await stack.stop();
  }
}
