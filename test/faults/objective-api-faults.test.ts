import { type Objective, roundConfigMapName } from '@dark-carnival/crds';
import { CONFIG_MAPS, type KubeRequest, type KubeResponse, type Transport, TransportError } from '@dark-carnival/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

/** mulberry32: the same seed gives the same faults. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const status = (code: number, reason: string): KubeResponse => ({
  status: code,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    code,
    reason,
    message: `fault: ${reason}`,
  }),
});

/** One or two of ten requests go wrong, each in another way: lost on the way there, lost on the way back, refused. */
function faulty(inner: Transport, random: () => number): Transport {
  const fault = async (request: KubeRequest): Promise<KubeResponse> => {
    const kind = Math.floor(random() * 5);
    if (kind === 0) throw new TransportError('unreachable', 'fault: never arrived');
    if (kind === 1) {
      await inner.request(request);
      throw new TransportError('timeout', 'fault: the answer was lost');
    }
    if (kind === 2) return status(500, 'InternalError');
    if (kind === 3) return status(409, 'Conflict');
    return status(429, 'TooManyRequests');
  };
  return {
    // The election has tests of its own: here one process leads throughout.
    request: (request) =>
      request.path.includes('/leases') || random() > 0.15 ? inner.request(request) : fault(request),
    stream: (request) => inner.stream(request),
    close: () => inner.close(),
  };
}

describe('an API server that fails again and again', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    await stack.join(wagon, { maxConcurrentJobs: 8 });
  });
  afterAll(async () => {
    await stack.stop();
  });

  it.each([1, 2, 3])('delays Objectives and changes nothing else (seed %i)', async (seed) => {
    await stack.stopRingmaster();
    const random = seeded(seed);
    stack.faults = (inner) => faulty(inner, random);
    await stack.startRingmaster();
    wagon.keepBeating(stack.hubUrl, 300);
    const names = await Promise.all(
      Array.from({ length: 4 }, (_, index) => stack.state({ directive: `Survive fault ${index}` })),
    );
    const done: Objective[] = await Promise.all(
      names.map(async (name) => {
        await stack.decide(name, 'Approve');
        return stack.phase(name, 'Completed');
      }),
    );
    for (const { metadata, status: end } of done) {
      expect(end).toMatchObject({ taskSummary: '2/2', usage: { totalTokens: 300, calls: 3 }, debate: { attempt: 1 } });
      expect(end?.decisions).toHaveLength(1);
      const given = wagon.puts.filter(({ objective }) => objective.uid === metadata.uid);
      expect(new Set(given.map(({ id, inputsDigest }) => `${id} ${inputsDigest}`)).size).toBe(3);
      const round = { namespace: 'default', name: roundConfigMapName(metadata.name, 1) };
      await eventually(
        async () =>
          stack.client.get(CONFIG_MAPS, round).then(
            () => undefined,
            () => true,
          ),
        { timeoutMs: 20_000, what: 'the round to be removed' },
      );
    }
  });
});
