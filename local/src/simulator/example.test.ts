import type { KubeObject } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { ApiError, CONFIG_MAPS, KubeClient, Reflector, TransportError } from '@dark-carnival/kube';
import { describe, expect, it } from 'vitest';
import { startSimulator, tellSeed } from './index.ts';

type Note = KubeObject & { data: { text: string } };
const ref = { namespace: 'default', name: 'programme' };

/** The code under test: makes the note say `text`, whatever goes wrong on the way. */
async function ensure(client: KubeClient, text: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const found = await client.find<Note>(CONFIG_MAPS, ref);
      if (found?.data.text === text) return;
      if (found) await client.update<Note>(CONFIG_MAPS, { ...found, data: { text } });
      else
        await client.create<Note>(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref, data: { text } });
    } catch (error) {
      const mayPass =
        error instanceof TransportError || (error instanceof ApiError && (error.code === 409 || error.code >= 500));
      if (!mayPass || attempt === 50) throw error;
    }
  }
}

describe('ensure', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))('gets there under random faults (seed %i)', async (seed) => {
    const sim = await startSimulator({ seed, clock: new FakeClock() });
    const faults = sim.faults([
      { when: 'read,write configmaps', chance: 0.4, do: ['drop', 'appliedButLost', 'duplicate', { status: 500 }] },
    ]);
    const client = new KubeClient(sim.transport(faults, { retries: false }));
    await tellSeed(faults, async () => {
      for (const text of ['one', 'two', 'three']) await ensure(client, text);
      expect((await sim.client.get<Note>(CONFIG_MAPS, ref)).data.text).toBe('three');
    });
    await sim.close();
  });

  it('writes once, also where the answer of the one write was lost', async () => {
    const sim = await startSimulator({ seed: 1, clock: new FakeClock() });
    const faults = sim.faults([{ when: 'create configmaps', nth: 1, do: 'appliedButLost' }]);
    await ensure(new KubeClient(sim.transport(faults)), 'one');
    expect(faults.trace.entries.filter(({ operation }) => operation.verb === 'create')).toHaveLength(1);
    await sim.close();
  });
});

describe('a reflector whose watch goes silent', () => {
  it('notices after 70 seconds, and catches up although the history is gone', async () => {
    const clock = new FakeClock();
    const sim = await startSimulator({ seed: 1, clock });
    const faults = sim.faults([{ when: 'watch configmaps', nth: 1, do: 'freeze' }]);
    const client = new KubeClient(sim.transport(faults), { clock });
    const reflector = new Reflector<Note>(client, CONFIG_MAPS, { clock, random: () => 0.5 });
    reflector.start();
    await sim.settle();
    await ensure(sim.client, 'said while nobody heard');
    sim.compact();
    await clock.advance(69_000);
    await sim.settle();
    expect(reflector.store.get('default/programme')).toBeUndefined();
    await clock.advance(10_000);
    await sim.settle();
    expect(reflector.store.get('default/programme')?.data.text).toBe('said while nobody heard');
    await reflector.stop();
    await sim.close();
  });
});
