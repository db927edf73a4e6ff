import type { Heartbeat } from '@dark-carnival/crds';
import { anObjective, aWagon, FakeClock } from '@dark-carnival/crds/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StreamReader, startTestHub, type TestHub } from '../../testing/hub/test-hub.ts';
import type { Delta } from './live/change-stream.ts';

const beat = (running: number): Heartbeat => ({
  nodeID: 'LXC-CORE',
  role: 'CORE',
  address: 'http://127.0.0.1:8080',
  instanceID: 'start-1',
  version: '0.1.0',
  jobs: { running, capacity: 2 },
  vault: { files: 0, bytes: 0 },
  providers: [],
});

describe('the stream that the page lives on', () => {
  let clock: FakeClock;
  let test: TestHub;
  const aborts: AbortController[] = [];
  beforeEach(async () => {
    clock = new FakeClock();
    test = await startTestHub({ clock });
  });
  afterEach(async () => {
    for (const abort of aborts.splice(0)) abort.abort();
    await test.close();
  });

  async function open(query = ''): Promise<StreamReader> {
    const abort = new AbortController();
    aborts.push(abort);
    return new StreamReader(await test.ask(`/api/stream${query}`, { signal: abort.signal }));
  }
  const nextDelta = async (reader: StreamReader) =>
    (await reader.until(({ event }) => event === 'delta')).data as Delta;

  it('begins with everything there is in the namespace, and nothing of others', async () => {
    test.wagons.put(aWagon());
    test.objectives.put(anObjective({ status: { phase: 'AwaitingHuman', wagonName: 'lxc-core', taskSummary: '0/3' } }));
    test.objectives.put(anObjective({ metadata: { name: 'theirs', namespace: 'other' } }));
    const reader = await open();
    expect(await reader.next()).toMatchObject({
      event: 'hello',
      data: { namespace: 'default', wagons: 1, objectives: 1 },
    });
    await clock.advance(0);
    const delta = await nextDelta(reader);
    expect(delta.wagons.map(({ name }) => name)).toEqual(['lxc-core']);
    expect(delta.objectives).toEqual([
      expect.objectContaining({
        name: 'tide-chart',
        phase: 'AwaitingHuman',
        wagon: 'lxc-core',
        tasks: '0/3',
        rehearsal: false,
      }),
    ]);
    const theirs = await open('?namespace=other');
    await clock.advance(0);
    expect((await nextDelta(theirs)).objectives.map(({ name }) => name)).toEqual(['theirs']);
  });

  it('sends only what changed, the newest state of it, and at most four frames a second', async () => {
    test.objectives.put(anObjective());
    const reader = await open();
    await clock.advance(0);
    await nextDelta(reader);
    for (let round = 1; round <= 5; round += 1) {
      test.objectives.put(anObjective({ status: { phase: 'Debating', debate: { round } } }));
      await clock.advance(20);
    }
    await clock.advance(150);
    const delta = await nextDelta(reader);
    expect(delta).toMatchObject({ seq: 2, wagons: [], objectives: [{ name: 'tide-chart', round: 5 }] });
  });

  it('tells what is gone, and what a heartbeat changed', async () => {
    test.wagons.put(aWagon());
    const objective = anObjective();
    test.objectives.put(objective);
    const reader = await open();
    await clock.advance(0);
    await nextDelta(reader);
    test.objectives.remove(objective);
    test.liveness.record('default', 'lxc-core', beat(2));
    await clock.advance(250);
    expect(await nextDelta(reader)).toMatchObject({
      goneObjectives: ['tide-chart'],
      wagons: [{ name: 'lxc-core', jobs: { running: 2, capacity: 2 } }],
    });
  });

  it('proves between changes that it is alive, and how old everything is', async () => {
    test.wagons.put(aWagon());
    test.liveness.record('default', 'lxc-core', beat(0));
    const reader = await open();
    await clock.advance(5_000);
    const pulse = await reader.until(({ event }) => event === 'pulse');
    expect(pulse.data).toEqual({ seq: 0, staleSeconds: 0, synced: true, heartbeatAges: { 'lxc-core': 1.2 } });
  });

  it('marks what was played by the Rehearsal, and shortens a long directive by whole characters', async () => {
    const turn = { round: 1, seat: 'visionary', provider: 'rehearsal', tokens: 1, excerpt: '' } as const;
    test.objectives.put(
      anObjective({ spec: { directive: '🎪'.repeat(300) }, status: { debate: { round: 1, turns: [turn] } } }),
    );
    const reader = await open();
    await clock.advance(0);
    const [row] = (await nextDelta(reader)).objectives;
    expect(row?.rehearsal).toBe(true);
    expect(row?.directive).toBe(`${'🎪'.repeat(240)}…`);
  });

  it('brings a large cluster in pieces', async () => {
    for (let index = 0; index < 900; index += 1) test.objectives.put(anObjective({ metadata: { name: `o-${index}` } }));
    const reader = await open();
    await clock.advance(10);
    const sizes = [];
    for (let frame = 0; frame < 3; frame += 1) sizes.push((await nextDelta(reader)).objectives.length);
    expect(sizes).toEqual([400, 400, 100]);
  });

  it('ends when its reader may no longer read it', async () => {
    const reader = await open();
    await reader.next();
    test.api.allows = (_user, { resource }) => resource !== 'objectives';
    await clock.advance(45_001);
    let frame = await reader.next();
    while (frame?.event === 'pulse') frame = await reader.next();
    expect(frame).toBeUndefined();
  });

  it('goes on while the API server is away for a moment', async () => {
    const reader = await open();
    await reader.next();
    test.api.broken = true;
    await clock.advance(20_000);
    test.api.broken = false;
    await clock.advance(1_000);
    test.wagons.put(aWagon());
    await clock.advance(250);
    expect((await nextDelta(reader)).wagons).toHaveLength(1);
  });

  it('ends when the token of its reader is no longer good', async () => {
    const reader = await open();
    await reader.next();
    test.api.users.clear();
    await clock.advance(75_001);
    let frame = await reader.next();
    while (frame?.event === 'pulse') frame = await reader.next();
    expect(frame).toBeUndefined();
  });
});
