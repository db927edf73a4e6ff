import { ApiException, CoordinationV1Api, KubeConfig, V1MicroTime } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../harness/eventually.ts';
import { LocalProcess } from './local-process.ts';

/** Leader election over a Lease, as client-go does it: client-node has none of its own. */

const namespace = 'default';
const DURATION_S = 1;
let server: LocalProcess;
let config: KubeConfig;
beforeAll(async () => {
  server = await LocalProcess.start();
  config = new KubeConfig();
  config.loadFromFile(server.kubeconfig);
});
afterAll(() => server?.stop());

/** What the client reads is a text, though its types say V1MicroTime. */
const timeOf = (time: V1MicroTime | undefined) => (time === undefined ? undefined : new V1MicroTime(String(time)));

/** One round of a candidate. @returns whether it leads after it */
async function stand(identity: string, name: string): Promise<boolean> {
  const api = config.makeApiClient(CoordinationV1Api);
  const now = new V1MicroTime();
  const spec = { holderIdentity: identity, leaseDurationSeconds: DURATION_S, renewTime: now };
  try {
    const lease = await api.readNamespacedLease({ name, namespace }).catch((error: unknown) => {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw error;
    });
    if (lease === undefined) {
      const first = { ...spec, acquireTime: now, leaseTransitions: 0 };
      await api.createNamespacedLease({ namespace, body: { metadata: { name }, spec: first } });
      return true;
    }
    const { holderIdentity, leaseTransitions = 0 } = lease.spec ?? {};
    const [acquireTime, renewTime] = [timeOf(lease.spec?.acquireTime), timeOf(lease.spec?.renewTime)];
    const isMine = holderIdentity === identity;
    if (!isMine && renewTime && renewTime.getTime() + DURATION_S * 1000 > Date.now()) return false;
    const term = isMine
      ? { leaseTransitions, ...(acquireTime && { acquireTime }) }
      : { leaseTransitions: leaseTransitions + 1, acquireTime: now };
    await api.replaceNamespacedLease({ name, namespace, body: { ...lease, spec: { ...term, ...spec } } });
    return true;
  } catch (error) {
    if (error instanceof ApiException && error.code === 409) return false;
    throw error;
  }
}

const candidates = ['a', 'b', 'c', 'd'];
const standAll = async (name: string) => {
  const led = await Promise.all(candidates.map((identity) => stand(identity, name)));
  return candidates.filter((_, i) => led[i]);
};

describe('an election over a Lease with client-node', () => {
  it('has one winner, however many stand at once, of the first term and of the next', async () => {
    const [first, ...more] = await standAll('one');
    expect(more).toEqual([]);
    expect(await standAll('one')).toEqual([first]);
    const next = await eventually(
      async () => {
        const others = candidates.filter((identity) => identity !== first);
        const led = await Promise.all(others.map((identity) => stand(identity, 'one')));
        const winners = others.filter((_, i) => led[i]);
        return winners.length > 0 ? winners : undefined;
      },
      { timeoutMs: 10_000, what: 'the lease to expire' },
    );
    expect(next).toHaveLength(1);
    const lease = await config.makeApiClient(CoordinationV1Api).readNamespacedLease({ name: 'one', namespace });
    expect([lease.spec?.holderIdentity, lease.spec?.leaseTransitions]).toEqual([next[0], 1]);
  });

  it('keeps the times of a Lease to the microsecond, across a restart', async () => {
    const api = config.makeApiClient(CoordinationV1Api);
    const renewTime = new V1MicroTime('2026-11-24T10:00:00.123Z');
    const body = { metadata: { name: 'exact' }, spec: { holderIdentity: 'a', renewTime } };
    await api.createNamespacedLease({ namespace, body });
    await server.restart();
    const lease = await api.readNamespacedLease({ name: 'exact', namespace });
    expect(lease.spec?.renewTime).toBe('2026-11-24T10:00:00.123000Z');
  });
});
