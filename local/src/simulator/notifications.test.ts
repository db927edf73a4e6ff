import { FakeClock } from '@dark-carnival/crds/testing';
import { CONFIG_MAPS, type ConfigMap, KubeClient, Reflector } from '@dark-carnival/kube';
import { describe, expect, it } from 'vitest';
import { type NotificationFault, Notifications, startSimulator } from './index.ts';

/** A cache of ConfigMaps of which one event meets a fault, and what it was told. */
async function aCache(nth: number, fault: NotificationFault) {
  const clock = new FakeClock();
  const sim = await startSimulator({ seed: 1, clock });
  const notifications = new Notifications({ clock, compact: () => sim.compact() });
  const client = new KubeClient(notifications.through(sim.transport()), { clock });
  const cache = new Reflector<ConfigMap>(client, CONFIG_MAPS, { clock, random: () => 0.5, namespace: 'default' });
  const told: string[] = [];
  cache.subscribe({
    onAdd: ({ metadata }) => void told.push(`add ${metadata.name}`),
    onUpdate: (_, { data }) => void told.push(`update ${data?.['text']}`),
    onDelete: ({ metadata }) => void told.push(`delete ${metadata.name}`),
  });
  cache.start();
  await sim.settle();
  notifications.arm({ nth, fault });
  const pass = async (ms: number) => {
    await clock.advance(ms);
    await sim.settle();
  };
  const write = async (text: string) => {
    const found = await sim.client.find<ConfigMap>(CONFIG_MAPS, { namespace: 'default', name: 'note' });
    const metadata = { namespace: 'default', name: 'note' };
    const note: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text } };
    await (found ? sim.client.update(CONFIG_MAPS, note) : sim.client.create(CONFIG_MAPS, note));
    await sim.settle();
  };
  const close = async () => {
    await cache.stop();
    await sim.close();
  };
  return { sim, cache, notifications, told, pass, write, close };
}

describe('one event of a watch that goes wrong', () => {
  it.each<NotificationFault>(['break', 'forget', 'duplicate', 'merge', { delayMs: 3_000 }])(
    'costs a cache no state (%o)',
    async (fault) => {
      const { told, notifications, write, pass, close } = await aCache(2, fault);
      for (const text of ['one', 'two', 'three']) await write(text);
      await pass(80_000);
      expect(notifications.happened).toBe(true);
      expect(told[0]).toBe('add note');
      expect(told.at(-1)).toBe('update three');
      await close();
    },
  );

  it('is never told where a later one of the same object follows, as by a list', async () => {
    const { told, write, pass, close } = await aCache(2, 'merge');
    for (const text of ['one', 'two', 'three']) await write(text);
    await pass(1_000);
    expect(told).toEqual(['add note', 'update three']);
    await close();
  });

  it('is told after all where none follows', async () => {
    const { told, write, pass, close } = await aCache(2, 'merge');
    for (const text of ['one', 'two']) await write(text);
    expect(told).toEqual(['add note']);
    await pass(90_000);
    expect(told).toEqual(['add note', 'update two']);
    await close();
  });

  it('silences the watch until the client gives it up', async () => {
    const { told, write, pass, close } = await aCache(2, 'freeze');
    for (const text of ['one', 'two', 'three']) await write(text);
    await pass(60_000);
    expect(told).toEqual(['add note']);
    await pass(20_000);
    expect(told.at(-1)).toBe('update three');
    await close();
  });

  it('is counted in the order in which it is told', async () => {
    const { notifications, write, close } = await aCache(99, 'break');
    await write('one');
    await write('two');
    expect(notifications.told).toEqual(['ADDED configmaps default/note', 'MODIFIED configmaps default/note']);
    expect(notifications.happened).toBe(false);
    await close();
  });
});
