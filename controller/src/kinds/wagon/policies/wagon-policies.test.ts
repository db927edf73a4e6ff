import { aModelProvider, aWagon } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../../../testing/scripted-wagon.ts';
import { kstatusOf } from '../../../runtime/kstatus.ts';
import { addressOf, mayCarryKeys, whereIs } from './address.ts';
import { grantedProviders, toGrant, toGrants } from './grants.ts';
import { type StatusFacts, wagonStatus } from './status.ts';

const wagon = aWagon();
const spec = wagon.spec as NonNullable<typeof wagon.spec>;
const now = '2026-11-24T12:00:00Z';
const PIN = `sha256:${'ab'.repeat(32)}`;

describe("a wagon's address", () => {
  it('is on loopback for a process, and what spec or the wagon says for an external one', () => {
    expect(addressOf(spec, 'http://evil.example')).toBe('http://127.0.0.1:8080');
    expect(addressOf({ runtime: { type: 'External', external: { url: 'https://a.example' } } }, 'http://b')).toBe(
      'https://a.example',
    );
    expect(addressOf({ runtime: { type: 'External' } }, 'http://10.0.0.7:8080')).toBe('http://10.0.0.7:8080');
    expect(addressOf({ runtime: { type: 'Pod' } }, 'http://b')).toBeUndefined();
  });

  it('comes with the certificate that it was heard with, where it speaks TLS at all', () => {
    const external = { runtime: { type: 'External' } } as const;
    const said = { address: 'https://10.0.0.7:8080', tlsFingerprint: PIN };
    expect(whereIs(external, said)).toEqual(said);
    expect(whereIs(external, { ...said, address: 'http://127.0.0.1:8080' })).toEqual({
      address: 'http://127.0.0.1:8080',
    });
    expect(whereIs(external, { address: 'https://10.0.0.7:8080' })).toEqual({ address: 'https://10.0.0.7:8080' });
    expect(whereIs(spec, said)).toEqual({ address: 'http://127.0.0.1:8080' });
    expect(whereIs(external, undefined)).toBeUndefined();
  });

  it.each([
    ['http://127.0.0.1:8080', undefined, true],
    ['http://localhost:8080', undefined, true],
    ['http://[::1]:8080', undefined, true],
    ['https://10.0.0.7:8080', PIN, true],
    ['https://10.0.0.7:8080', undefined, false],
    ['http://10.0.0.7:8080', PIN, false],
    ['http://10.0.0.7:8080', undefined, false],
    ['http://localhost.evil.example', undefined, false],
    ['http://127.0.0.1.evil.example', undefined, false],
    ['nonsense', undefined, false],
  ])('%s with certificate %s carries keys: %s', (address, tlsFingerprint, want) => {
    expect(mayCarryKeys({ runtime: { type: 'External' } }, { address, tlsFingerprint })).toBe(want);
  });

  it('carries keys where a person declared it as https, with a certificate of a public authority', () => {
    const declared = (url: string) => ({ runtime: { type: 'External' as const, external: { url } } });
    expect(mayCarryKeys(declared('https://wagon.example'), { address: 'https://wagon.example' })).toBe(true);
    expect(mayCarryKeys(declared('http://wagon.example'), { address: 'http://wagon.example' })).toBe(false);
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
      prices: { inputPerMillionTokens: '0.95', outputPerMillionTokens: '4' },
      model: 'kimi-k2.6',
      apiKey: 'k',
      probeIntervalSeconds: 300,
    });
    expect(toGrant(kimi, { outcome: 'withheld', message: 'no' })).not.toHaveProperty('apiKey');
  });

  it('comes with the prices that somebody wrote, else with those of the catalogue; Ollama is free, and a bridge unknown', () => {
    const priced = (given: object) => {
      const provider = aModelProvider({ spec: { probeIntervalSeconds: 300, ...given } as never });
      return toGrant(provider, { outcome: 'none' })?.prices;
    };
    const prices = { inputPerMillionTokens: '7', outputPerMillionTokens: '8' };
    expect(priced({ type: 'Kimi', model: 'kimi-k2.6', prices })).toEqual(prices);
    expect(priced({ type: 'Kimi', model: 'kimi-k2.6' })).toMatchObject({ inputPerMillionTokens: '0.95' });
    expect(priced({ type: 'Ollama' })).toEqual({ inputPerMillionTokens: '0', outputPerMillionTokens: '0' });
    expect(priced({ type: 'Claudeson', model: 'claude', endpoint: 'http://127.0.0.1:1' })).toBeUndefined();
  });

  it('comes with every limit that a wagon keeps, and not with the one of the whole fleet', () => {
    const [kimi] = grantedProviders(wagon, providers);
    if (!kimi?.spec) throw new Error('no provider');
    const limits = { requestsPerMinute: 60, concurrency: 4, firstTokenSeconds: 30, tryTimeoutSeconds: 90 };
    const limited = { ...kimi, spec: { ...kimi.spec, limits: { ...limits, maxCostUSDPerDay: '5' } } };
    expect(toGrant(limited, { outcome: 'none' })?.limits).toEqual(limits);
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
    where: { address: 'http://127.0.0.1:8080' },
    heartbeat,
    heardAt: now,
    keysWithheld: false,
    mayWriteVault: true,
    deletionHeld: undefined,
    awaitingHuman: 0,
    mayWriteAwaiting: true,
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

  it('keeps the certificate, takes a new one, and forgets it with the TLS', () => {
    const at = (tlsFingerprint?: string) => ({
      address: 'https://10.0.0.7:8080',
      ...(tlsFingerprint ? { tlsFingerprint } : {}),
    });
    const pinned = wagonStatus(facts({ where: at(PIN) }));
    expect(pinned.tlsFingerprint).toBe(PIN);
    const before = { ...wagon, status: pinned };
    expect(wagonStatus(facts({ wagon: before, where: undefined, heartbeat: undefined })).tlsFingerprint).toBe(PIN);
    expect(wagonStatus(facts({ wagon: before, where: at(PIN.replace('ab', 'cd')) })).tlsFingerprint).toMatch(
      /^sha256:cd/,
    );
    expect(wagonStatus(facts({ wagon: before, where: at() }))).not.toHaveProperty('tlsFingerprint');
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

  it('counts the Objectives that wait for a person, not more often than it may', () => {
    expect(wagonStatus(facts({ wagon: settled, awaitingHuman: 2, mayWriteAwaiting: false }))).toEqual(written);
    const counted = wagonStatus(facts({ wagon: settled, awaitingHuman: 2 }));
    expect(counted).toEqual({ ...written, awaitingHuman: 2 });
    expect(wagonStatus(facts({ wagon: { ...wagon, status: counted }, awaitingHuman: 0 })).awaitingHuman).toBe(0);
  });

  it('says since when it is evicted and what keeps its object, exactly while that is so', () => {
    const verdict = { phase: 'Evicted', reason: 'Evicted', message: 'x' } as const;
    const held = { reason: 'InUse', message: 'y' } as const;
    const evicted = wagonStatus(facts({ wagon: settled, verdict, deletionHeld: held }));
    expect(evicted.conditions).toContainEqual(
      expect.objectContaining({ type: 'Evicted', status: 'True', lastTransitionTime: now }),
    );
    expect(evicted.conditions).toContainEqual(expect.objectContaining({ type: 'DeletionHeld', reason: 'InUse' }));
    const later = facts({
      wagon: { ...wagon, status: evicted },
      verdict,
      deletionHeld: held,
      now: '2026-11-25T12:00:00Z',
    });
    expect(wagonStatus(later)).toEqual(evicted);
    const back = wagonStatus(facts({ wagon: { ...wagon, status: evicted } }));
    expect(back.conditions?.map(({ type }) => type)).toEqual(['Ready']);
  });
});
