import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { startMemoryServer } from '../testing/memory-server.ts';

const EVENTS = '/api/v1/namespaces/default/events';
const MINUTE = 60_000;

const event = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: { kind: 'Juggle', namespace: 'default', name: 'a' },
  reason: 'Dropped',
  message: 'a ball fell',
  type: 'Warning',
});

describe('the expiry of events', () => {
  it('removes each one hour after its last change', async () => {
    const clock = new FakeClock();
    const { server, client } = await startMemoryServer({ clock });
    const names = async () =>
      ((await client.get(EVENTS)).body['items'] as { metadata: { name: string } }[]).map((item) => item.metadata.name);
    await client.post(EVENTS, event('a'));
    await clock.advance(20 * MINUTE);
    await client.post(EVENTS, event('b'));
    await clock.advance(20 * MINUTE);
    await client.patch(`${EVENTS}/a`, { count: 2 });
    await clock.advance(39 * MINUTE);
    expect(await names()).toEqual(['a', 'b']);
    await clock.advance(2 * MINUTE);
    expect(await names()).toEqual(['a']);
    await clock.advance(20 * MINUTE);
    expect(await names()).toEqual([]);
    await server.close();
  });
});
