import type { KubeObject } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import {
  CONFIG_MAPS,
  KubeClient,
  Reflector,
  type ReflectorReport,
  SECRETS,
  type WatchEvent,
} from '@dark-carnival/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Faults } from './faults.ts';
import type { Fault, Rule } from './rule.ts';
import { type Simulator, startSimulator } from './simulator.ts';

type Note = KubeObject & { data: { text: string } };

const NAMESPACE = 'default';
const note = (name: string, text = ''): Note => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: NAMESPACE, name },
  data: { text },
});

describe('the simulator', () => {
  let sim: Simulator;
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    sim = await startSimulator({ seed: 7, clock });
  });
  afterEach(() => sim.close());

  const clientOf = (rules: Rule[], retries = false): { client: KubeClient; faults: Faults } => {
    const faults = sim.faults(rules);
    return { faults, client: new KubeClient(sim.transport(faults, { retries }), { clock }) };
  };
  const create = (client: KubeClient, name: string) => client.create<Note>(CONFIG_MAPS, note(name));
  const exists = async (name: string) =>
    (await sim.client.find(CONFIG_MAPS, { namespace: NAMESPACE, name })) !== undefined;
  const creating = (fault: Fault) => create(clientOf([{ when: 'create configmaps', do: fault }]).client, 'a');

  it('drops a request: nothing happened', async () => {
    await expect(creating('drop')).rejects.toMatchObject({ kind: 'unreachable' });
    expect(await exists('a')).toBe(false);
  });

  it('loses an answer: it happened, and nobody knows', async () => {
    await expect(creating('appliedButLost')).rejects.toMatchObject({ kind: 'timeout' });
    expect(await exists('a')).toBe(true);
  });

  it('duplicates a request: the second answer arrives', async () => {
    await expect(creating('duplicate')).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
    expect(await exists('a')).toBe(true);
  });

  it('refuses a request as a server does, which clients understand', async () => {
    await expect(creating({ status: 503 })).rejects.toMatchObject({ code: 503, reason: 'ServiceUnavailable' });
    await expect(creating({ status: 429, retryAfterSeconds: 3 })).rejects.toMatchObject({ retryAfterSeconds: 3 });
    await expect(creating({ status: 500, reason: 'Odd' })).rejects.toMatchObject({ code: 500, reason: 'Odd' });
    expect(await exists('a')).toBe(false);
  });

  it('delays a request by the clock of the test', async () => {
    const created = creating({ delayMs: 5_000 });
    await clock.advance(4_999);
    await sim.settle();
    expect(await exists('a')).toBe(false);
    await clock.advance(1);
    await created;
    expect(await exists('a')).toBe(true);
  });

  it('freezes a request until its deadline, or until it thaws', async () => {
    const { client, faults } = clientOf([{ when: 'create configmaps', do: 'freeze' }]);
    const lost = create(client, 'a');
    const late = expect(lost).rejects.toMatchObject({ kind: 'timeout' });
    await clock.advance(30_000);
    await late;
    const thawed = create(client, 'b');
    await sim.settle();
    expect(await exists('b')).toBe(false);
    faults.thaw();
    await thawed;
    expect([await exists('a'), await exists('b')]).toEqual([false, true]);
  });

  it('ends the process of a client before or after a write, and from then on it says nothing', async () => {
    for (const [name, fault] of [
      ['a', 'crashBefore'],
      ['b', 'crashAfter'],
    ] as const) {
      const { client, faults } = clientOf([{ when: 'write configmaps', nth: 2, do: fault }]);
      await create(client, `${name}-1`);
      expect(faults.hasCrashed).toBe(false);
      await expect(create(client, `${name}-2`)).rejects.toMatchObject({ kind: 'broken' });
      expect(faults.hasCrashed).toBe(true);
      await expect(create(client, `${name}-3`)).rejects.toMatchObject({ kind: 'broken' });
      await expect(client.watch(CONFIG_MAPS)).rejects.toMatchObject({ kind: 'broken' });
    }
    expect([await exists('a-2'), await exists('b-2'), await exists('b-3')]).toEqual([false, true, false]);
  });

  it('forgets history: a watch from an older revision and the next page of a list get 410', async () => {
    const { metadata } = await create(sim.client, 'a');
    const resourceVersion = metadata.resourceVersion ?? '';
    await create(sim.client, 'b');
    const follow = async (client: KubeClient) => {
      const events = await client.watch<Note>(CONFIG_MAPS, { namespace: NAMESPACE, resourceVersion });
      return (await events[Symbol.asyncIterator]().next()).value;
    };
    expect(await follow(sim.client)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
    await create(sim.client, 'c');
    const { client } = clientOf([{ when: 'watch *', do: 'compact' }]);
    await expect(follow(client)).rejects.toMatchObject({ code: 410 });
    const pages = sim.client.pages<Note>(CONFIG_MAPS, { namespace: NAMESPACE, limit: 1 });
    expect((await pages.next()).value?.items).toHaveLength(1);
    await create(sim.client, 'd');
    sim.compact();
    await expect(pages.next()).rejects.toMatchObject({ code: 410 });
  });

  it('breaks, freezes and duplicates watches', async () => {
    const broken = clientOf([{ when: 'watch configmaps', nth: 1, do: 'appliedButLost' }]).client;
    const events = await broken.watch<Note>(CONFIG_MAPS, { namespace: NAMESPACE });
    await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: 'broken' });

    const told: string[] = [];
    const listen = async (client: KubeClient, who: string) => {
      for await (const event of await client.watch<Note>(CONFIG_MAPS, { namespace: NAMESPACE })) {
        told.push(`${who} ${nameIn(event)}`);
        if (told.length >= 4) return;
      }
    };
    const twice = clientOf([{ when: 'watch configmaps', do: 'duplicate' }]).client;
    const frozen = clientOf([{ when: 'watch configmaps', do: 'freeze' }]);
    const listening = [listen(twice, 'twice'), listen(frozen.client, 'frozen')];
    await sim.settle();
    await create(sim.client, 'a');
    await sim.settle();
    expect(told).toEqual(['twice a', 'twice a']);
    frozen.faults.thaw();
    await sim.settle();
    expect(told).toEqual(['twice a', 'twice a', 'frozen a']);
    await create(sim.client, 'b');
    await Promise.all(listening);
  });

  it('takes rules by object, by number, by chance, the first that has something to say', async () => {
    const { client, faults } = clientOf([
      { when: 'patch configmaps/*', object: `${NAMESPACE}/b`, nth: [2, 3], do: { status: 500 } },
      { when: 'write *', nth: 4, do: 'drop' },
    ]);
    const codes: unknown[] = [];
    for (const name of ['a', 'b']) await create(client, name);
    for (let i = 0; i < 4; i += 1) {
      const body = { data: { text: `${i}` } };
      codes.push(
        await client.patch(CONFIG_MAPS, { namespace: NAMESPACE, name: 'b' }, { type: 'merge', body }).then(
          () => 'done',
          ({ code, kind }) => code || kind,
        ),
      );
    }
    // The second patch is the fourth write: the first rule goes first.
    expect(codes).toEqual(['done', 500, 500, 'done']);
    expect(faults.trace.faults).toBe(2);
    expect(faults.trace.toString().split('\n')[3]).toMatch(
      /^ +0 ms {2}patch configmaps default\/b #2 {2}\{"status":500\} → 500$/,
    );
  });

  it.each(['patch', 'smash configmaps', 'patch configmaps now', ''])('refuses a rule for %j', (when) => {
    expect(() => sim.faults([{ when, do: 'drop' }])).toThrow(TypeError);
  });

  it('lets pass what an earlier rule exempts', async () => {
    const { client, faults } = clientOf([
      { when: '* secrets', do: 'pass' },
      { when: 'read *', do: 'drop' },
    ]);
    await client.list(SECRETS);
    await expect(client.list(CONFIG_MAPS)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(faults.trace.faults).toBe(1);
  });

  it('lies below the retries of a client, each of which it judges', async () => {
    await create(sim.client, 'a');
    const { client, faults } = clientOf([{ when: 'get *', nth: [1, 2], do: { status: 503 } }], true);
    const got = client.get<Note>(CONFIG_MAPS, { namespace: NAMESPACE, name: 'a' });
    await clock.advance(60_000);
    expect((await got).metadata.name).toBe('a');
    expect(faults.trace.entries.map(({ outcome }) => outcome)).toEqual(['503', '503', '200']);
  });
});

function nameIn(event: WatchEvent<Note>): string {
  return event.type === 'BOOKMARK' ? 'bookmark' : event.object.metadata.name;
}

describe('a seed', () => {
  const everything: Rule[] = [
    { when: 'watch *', chance: 0.4, do: ['drop', 'appliedButLost', 'duplicate', 'compact', { status: 500 }] },
    {
      when: 'list *',
      chance: 0.3,
      do: ['drop', 'appliedButLost', { status: 429, retryAfterSeconds: 2 }, { delayMs: 700 }],
    },
    {
      when: 'write configmaps',
      chance: 0.4,
      do: ['drop', 'appliedButLost', 'duplicate', { status: 409 }, { delayMs: 30 }],
    },
  ];

  /** A reflector and four writers that get in each other's way, for two minutes. */
  async function run(seed: number): Promise<{ trace: string; seen: string[]; there: string[]; reports: string[] }> {
    const clock = new FakeClock();
    const sim = await startSimulator({ seed, clock, bookmarkIntervalMs: 5_000 });
    const faults = sim.faults(everything);
    const client = new KubeClient(sim.transport(faults), { clock });
    const reports: string[] = [];
    const reflector = new Reflector<Note>(client, CONFIG_MAPS, {
      namespace: NAMESPACE,
      clock,
      random: () => 0.5,
      onReport: (report: ReflectorReport) => reports.push(report.kind),
    });
    reflector.start();
    const writer = async (id: number) => {
      for (let i = 0; i < 10; i += 1) {
        await client
          .create<Note>(CONFIG_MAPS, {
            ...note('', `${id}`),
            metadata: { namespace: NAMESPACE, name: '', generateName: `n${id}-` },
          })
          .catch(() => {});
      }
    };
    const writing = Promise.all([0, 1, 2, 3].map(writer));
    for (let second = 0; second < 120; second += 1) {
      await clock.advance(1_000);
      await sim.settle();
    }
    await writing;
    const uidOf = ({ metadata }: Note) => `${metadata.name} ${metadata.uid}`;
    const there = (await sim.client.list<Note>(CONFIG_MAPS, { namespace: NAMESPACE })).items.map(uidOf).sort();
    const seen = [...reflector.store.values()].map(uidOf).sort();
    await reflector.stop();
    await sim.close();
    return { trace: String(faults.trace), seen, there, reports };
  }

  it('gives the same run each time, to the uid and the millisecond, and another seed another', async () => {
    const first = await run(3);
    expect(await run(3)).toEqual(first);
    expect((await run(4)).trace).not.toEqual(first.trace);
    expect(
      first.trace.split('\n').filter((line) => line.includes('  drop') || line.includes('  appliedButLost')).length,
    ).toBeGreaterThan(3);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('never makes a reflector miss anything in the end (seed %i)', async (seed) => {
    const { seen, there, trace } = await run(seed);
    expect(seen, trace).toEqual(there);
    expect(there.length).toBeGreaterThan(10);
  });
});
