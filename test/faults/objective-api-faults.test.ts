import { type Objective, roundConfigMapName } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { CONFIG_MAPS } from '@dark-carnival/kube';
import { Faults, type Rule, tellSeed } from '@dark-carnival/local/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

/** One or two of ten requests go wrong, each in another way: lost on the way there, lost on the way back, refused. */
const RULES: readonly Rule[] = [
  // The election has tests of its own: here one process leads throughout.
  { when: '* leases', do: 'pass' },
  {
    when: 'read,write *',
    chance: 0.15,
    do: ['drop', 'appliedButLost', { status: 500 }, { status: 409 }, { status: 429 }],
  },
];

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
    const faults = new Faults(RULES, { seed, clock: systemClock });
    stack.faults = (inner) => faults.through(inner);
    await stack.startRingmaster();
    wagon.keepBeating(stack.hubUrl, 300);
    await tellSeed(faults, survive);
    expect(faults.trace.faults).toBeGreaterThan(5);
  });

  async function survive(): Promise<void> {
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
  }
});
