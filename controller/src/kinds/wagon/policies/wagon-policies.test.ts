import type { WagonPhase } from '@dark-carnival/crds';
import { aModelProvider, aWagon } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../../../testing/scripted-wagon.ts';
import { kstatusOf } from '../../../runtime/kstatus.ts';
import { addressOf, mayCarryKeys } from './address.ts';
import { grantedProviders, toGrant, toGrants } from './grants.ts';
import { judgeLife, type LifeFacts } from './life.ts';
import { type StatusFacts, wagonStatus } from './status.ts';

const wagon = aWagon();
const spec = wagon.spec as NonNullable<typeof wagon.spec>;
const now = '2026-11-24T12:00:00Z';

describe("a wagon's life", () => {
  const facts = (given: Partial<LifeFacts>): LifeFacts => ({
    spec,
    phase: 'Ready',
    ageMs: 0,
    heard: true,
    probe: undefined,
    ...given,
  });
  const rows: { name: string; given: Partial<LifeFacts>; want: [WagonPhase, string] }[] = [
    { name: 'is Ready while it beats', given: { phase: undefined }, want: ['Ready', 'Heartbeat'] },
    {
      name: 'is Ready again with the first beat after a silence',
      given: { phase: 'Stale' },
      want: ['Ready', 'Heartbeat'],
    },
    { name: 'is Ready until its time is over', given: { ageMs: 34_999 }, want: ['Ready', 'Heartbeat'] },
    {
      name: 'is Stale when it neither beats nor answers',
      given: { ageMs: 35_000, probe: 'unreachable' },
      want: ['Stale', 'Unreachable'],
    },
    {
      name: 'is Stale when it answers but does not beat',
      given: { ageMs: 35_000, probe: 'alive' },
      want: ['Stale', 'NoHeartbeat'],
    },
    {
      name: 'has the time that its spec gives it',
      given: { spec: { ...spec, evictAfterSeconds: 60 }, ageMs: 59_000 },
      want: ['Ready', 'Heartbeat'],
    },
    {
      name: 'has not begun before its first beat',
      given: { phase: undefined, heard: false },
      want: ['Provisioning', 'NoHeartbeatYet'],
    },
    {
      name: 'goes on provisioning however long that takes',
      given: { phase: 'Provisioning', heard: false, ageMs: 9e6, probe: 'unreachable' },
      want: ['Provisioning', 'NoHeartbeatYet'],
    },
    {
      name: 'is believed over a restart of the controller',
      given: { heard: false, ageMs: 10_000 },
      want: ['Ready', 'AwaitingHeartbeat'],
    },
    {
      name: 'is Stale after a restart when no beat comes',
      given: { heard: false, ageMs: 35_000, probe: 'unreachable' },
      want: ['Stale', 'Unreachable'],
    },
    {
      name: 'is Draining when it is told to',
      given: { spec: { ...spec, scheduling: 'Draining' } },
      want: ['Draining', 'Draining'],
    },
    {
      name: 'is Ready though cordoned',
      given: { spec: { ...spec, scheduling: 'Cordoned' } },
      want: ['Ready', 'Cordoned'],
    },
    {
      name: 'is not looked after where its runtime is not installed',
      given: { spec: { ...spec, runtime: { type: 'Pod' } } },
      want: ['Failed', 'RuntimeNotInstalled'],
    },
  ];
  it.each(rows)('$name', ({ given, want }) => {
    const { phase, reason } = judgeLife(facts(given));
    expect([phase, reason]).toEqual(want);
  });
});

describe("a wagon's address", () => {
  it('is on loopback for a process, and what spec or the wagon says for an external one', () => {
    expect(addressOf(spec, 'http://evil.example')).toBe('http://127.0.0.1:8080');
    expect(addressOf({ runtime: { type: 'External', external: { url: 'https://a.example' } } }, 'http://b')).toBe(
      'https://a.example',
    );
    expect(addressOf({ runtime: { type: 'External' } }, 'http://10.0.0.7:8080')).toBe('http://10.0.0.7:8080');
    expect(addressOf({ runtime: { type: 'Pod' } }, 'http://b')).toBeUndefined();
  });

  it.each([
    ['http://127.0.0.1:8080', true],
    ['http://localhost:8080', true],
    ['http://[::1]:8080', true],
    ['https://10.0.0.7:8080', true],
    ['http://10.0.0.7:8080', false],
    ['http://localhost.evil.example', false],
    ['http://127.0.0.1.evil.example', false],
    ['nonsense', false],
  ])('%s carries keys: %s', (address, want) => {
    expect(mayCarryKeys(address)).toBe(want);
  });
});

describe('what a wagon may use', () => {
  const providers = [aModelProvider({ metadata: { name: 'mistral' } }), aModelProvider({ metadata: { name: 'kimi' } })];
  const namesFor = (named: string[] | undefined, labels: Record<string, string> = {}) =>
    grantedProviders(
      { metadata: { name: 'a', labels }, spec: { ...spec, ...(named ? { providers: named } : {}) } },
      providers,
    ).map(({ metadata }) => metadata.name);

  it('is everything, or what its spec names, by name', () => {
    expect(namesFor(undefined)).toEqual(['kimi', 'mistral']);
    expect(namesFor(['mistral', 'gone'])).toEqual(['mistral']);
    expect(namesFor([])).toEqual([]);
  });

  it('is nothing for a wagon that registered itself, until its spec names something', () => {
    const labels = { 'darkcarnival.dev/registration': 'Self' };
    expect(namesFor(undefined, labels)).toEqual([]);
    expect(namesFor([], labels)).toEqual([]);
    expect(namesFor(['kimi'], labels)).toEqual(['kimi']);
  });

  it('comes with its key where that is granted, and without where not', () => {
    const [kimi] = grantedProviders(wagon, providers);
    if (!kimi) throw new Error('no provider');
    expect(toGrant(kimi, { outcome: 'granted', key: 'k' })).toEqual({
      name: 'kimi',
      type: 'Kimi',
      model: 'kimi-k2.6',
      apiKey: 'k',
      probeIntervalSeconds: 300,
    });
    expect(toGrant(kimi, { outcome: 'withheld', message: 'no' })).not.toHaveProperty('apiKey');
  });

  it('is another digest when a key is', () => {
    const grant = (key: string) => ({ name: 'kimi', type: 'Kimi' as const, apiKey: key, probeIntervalSeconds: 300 });
    expect(toGrants([grant('a')]).digest).not.toBe(toGrants([grant('b')]).digest);
    expect(toGrants([grant('a')])).toEqual(toGrants([grant('a')]));
  });
});

describe("a wagon's status", () => {
  const heartbeat = new ScriptedWagon().heartbeat({ address: 'http://127.0.0.1:8080', vault: { files: 1, bytes: 10 } });
  const facts = (given: Partial<StatusFacts> = {}): StatusFacts => ({
    wagon,
    verdict: { phase: 'Ready', reason: 'Heartbeat', message: 'It sends heartbeats.' },
    address: 'http://127.0.0.1:8080',
    heartbeat,
    heardAt: now,
    keysWithheld: false,
    mayWriteVault: true,
    now,
    ...given,
  });
  const written = wagonStatus(facts());
  const settled = { ...wagon, status: written };

  it('tells a healthy wagon', () => {
    expect(written).toMatchObject({
      phase: 'Ready',
      version: '0.1.0',
      instanceID: 'instance-1',
      vault: { files: 1 },
      lastHeartbeatTime: now,
    });
    expect(kstatusOf(settled as Parameters<typeof kstatusOf>[0])).toBe('Current');
  });

  it('is the same for the next heartbeat, whatever its load, vault and time are: nothing is written', () => {
    const next = { ...heartbeat, jobs: { running: 2, capacity: 2 }, vault: { files: 9, bytes: 99 } };
    expect(
      wagonStatus(
        facts({ wagon: settled, heartbeat: next, heardAt: '2026-11-24T12:00:10Z', now: '2026-11-24T12:00:10Z' }),
      ),
    ).toEqual(written);
  });

  it('is the same when the wagon lists its providers in another order', () => {
    const two = [
      { name: 'a', healthy: 'True' as const },
      { name: 'b', healthy: 'False' as const, reason: 'Unreachable' },
    ];
    const first = wagonStatus(facts({ heartbeat: { ...heartbeat, providers: two } }));
    const second = wagonStatus(
      facts({ wagon: { ...wagon, status: first }, heartbeat: { ...heartbeat, providers: [...two].reverse() } }),
    );
    expect(second).toEqual(first);
  });

  it('takes load and last heartbeat along with a transition, and the vault once in ten minutes', () => {
    const next = { ...heartbeat, jobs: { running: 2, capacity: 2 }, vault: { files: 9, bytes: 99 } };
    const stale = wagonStatus(
      facts({
        wagon: settled,
        heartbeat: next,
        verdict: { phase: 'Stale', reason: 'Unreachable', message: 'x' },
        mayWriteVault: false,
        heardAt: '2026-11-24T12:00:10Z',
      }),
    );
    expect(stale).toMatchObject({
      phase: 'Stale',
      jobs: { running: 2 },
      lastHeartbeatTime: '2026-11-24T12:00:10Z',
      vault: { files: 1 },
    });
  });

  it('says that keys are kept back, exactly while they are', () => {
    const withheld = wagonStatus(facts({ wagon: settled, keysWithheld: true }));
    const has = (status: typeof withheld) => status.conditions?.some(({ type }) => type === 'KeysWithheld');
    expect(has(withheld)).toBe(true);
    expect(
      wagonStatus(facts({ wagon: { ...wagon, status: withheld }, keysWithheld: true, now: '2026-11-24T13:00:00Z' })),
    ).toEqual(withheld);
    expect(has(wagonStatus(facts({ wagon: { ...wagon, status: withheld } })))).toBe(false);
  });

  it('is made anew where somebody broke it', () => {
    expect(wagonStatus(facts({ wagon: { ...wagon, status: { phase: 'Dancing' } as never } })).phase).toBe('Ready');
  });
});
