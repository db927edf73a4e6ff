import type { ModelProvider, Objective } from '@dark-carnival/crds';
import { aModelProvider, anObjective, FakeClock } from '@dark-carnival/crds/testing';
import type { KubeClient, Patch, ReflectorHandler } from '@dark-carnival/kube';
import { beforeEach, describe, expect, it } from 'vitest';
import { CachedDaySpending } from './cached-day-spending.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z');
const DAY = 86_400_000;

/** A cache of Objectives that the test fills, and providers that are patched in place. */
class Caches {
  readonly objects = new Map<string, Objective>();
  readonly known = new Map<string, ModelProvider>();
  writes = 0;
  #handler: ReflectorHandler<Objective> = {};
  readonly objectives = {
    subscribe: (handler: ReflectorHandler<Objective>) => {
      this.#handler = handler;
      for (const object of this.objects.values()) handler.onAdd?.(object, { initial: true });
      return () => undefined;
    },
  };
  readonly providers = { store: { get: (key: string) => this.known.get(key) } } as never;
  readonly client = {
    patch: async (_resource: unknown, { namespace, name }: { namespace: string; name: string }, patch: Patch) => {
      this.writes += 1;
      const key = `${namespace}/${name}`;
      const before = this.known.get(key);
      if (!before || patch.type !== 'merge') throw new Error('not expected');
      const after = { ...before, status: { ...before.status, ...(patch.body as { status: object }).status } };
      this.known.set(key, after as ModelProvider);
      return after;
    },
  } as unknown as KubeClient;

  set(object: Objective): void {
    const key = object.metadata.uid ?? '';
    const before = this.objects.get(key);
    this.objects.set(key, object);
    if (before) this.#handler.onUpdate?.(before, object);
    else this.#handler.onAdd?.(object, { initial: false });
  }

  delete(uid: string): void {
    const object = this.objects.get(uid);
    this.objects.delete(uid);
    if (object) this.#handler.onDelete?.(object, { finalStateUnknown: false });
  }
}

const spentOn = (uid: string, costUSD: string, day = '2026-11-24', provider = 'kimi') =>
  anObjective({ metadata: { uid, name: uid }, status: { spentToday: { day, providers: [{ provider, costUSD }] } } });

let caches: Caches;
let clock: FakeClock;
const capped = (maxCostUSDPerDay = '1') =>
  aModelProvider({ metadata: { name: 'kimi' }, spec: { limits: { maxCostUSDPerDay } } as never });
const open = () => new CachedDaySpending({ ...caches, clock });
const kimi = (): ModelProvider => {
  const provider = caches.known.get('default/kimi');
  if (!provider) throw new Error('no provider');
  return provider;
};

beforeEach(() => {
  caches = new Caches();
  clock = new FakeClock(NOON);
  caches.known.set('default/kimi', capped());
});

describe('the daily cap of a provider', () => {
  it('is reached by what all Objectives settled today, to the millionth, and says when it is back', () => {
    const spending = open();
    caches.set(spentOn('a', '0.4'));
    caches.set(spentOn('b', '0.599999'));
    caches.set(spentOn('c', '9', '2026-11-24', 'mistral'));
    caches.set(spentOn('d', '9', '2026-11-23'));
    expect(spending.reachedCap(kimi())).toBeUndefined();
    caches.set(spentOn('a', '0.400001'));
    expect(spending.reachedCap(kimi())).toEqual({ maxCostUSD: '1', resumesAt: '2026-11-25T00:00:00Z' });
    expect(spending.reachedCap(capped('1.5'))).toBeUndefined();
    expect(spending.reachedCap(aModelProvider({ metadata: { name: 'kimi' } }))).toBeUndefined();
  });

  it('is the same after a restart, and gone by itself at midnight UTC', async () => {
    caches.objects.set('a', spentOn('a', '1'));
    const spending = open();
    expect(spending.reachedCap(kimi())).toBeDefined();
    await clock.advance(DAY / 2 - 1);
    expect(spending.reachedCap(kimi())).toBeDefined();
    await clock.advance(1);
    expect(spending.reachedCap(kimi())).toBeUndefined();
  });

  it('counts what deleted Objectives took, each exactly once, whenever the process dies in between', async () => {
    const a = spentOn('a', '0.7');
    const b = spentOn('b', '0.2');
    for (const object of [a, b]) caches.set(object);
    const spending = open();
    const spent = (object: Objective) => object.status?.spentToday ?? { day: '', providers: [] };
    await spending.carry(a, spent(a));
    await spending.carry(a, spent(a));
    expect(caches.writes).toBe(1);
    // Carried, and still there: 0.9 in all.
    const withStatus = (cap: string) => ({ ...capped(cap), ...(kimi().status ? { status: kimi().status } : {}) });
    expect(spending.reachedCap(withStatus('0.900001'))).toBeUndefined();
    expect(spending.reachedCap(withStatus('0.9'))).toBeDefined();
    caches.delete('a');
    await open().carry(a, spent(a));
    expect(kimi().status?.carriedToday).toEqual({ day: '2026-11-24', costUSD: '0.7', objectives: ['a'] });
    expect(spending.reachedCap(withStatus('0.900001'))).toBeUndefined();
    expect(spending.reachedCap(withStatus('0.9'))).toBeDefined();
    await clock.advance(DAY);
    expect(spending.reachedCap(withStatus('0.1'))).toBeUndefined();
  });

  it('writes nothing for a provider without a cap, nor for another day', async () => {
    const spending = open();
    caches.known.set('default/kimi', aModelProvider({ metadata: { name: 'kimi' } }));
    await spending.carry(spentOn('a', '1'), { day: '2026-11-24', providers: [{ provider: 'kimi', costUSD: '1' }] });
    caches.known.set('default/kimi', capped());
    await spending.carry(spentOn('a', '1'), { day: '2026-11-23', providers: [{ provider: 'kimi', costUSD: '1' }] });
    expect(caches.writes).toBe(0);
  });

  it('tells whose sum has changed, and nobody where an Objective changed otherwise', () => {
    const told: string[] = [];
    open().onChange((namespace, provider) => told.push(`${namespace}/${provider}`));
    caches.set(spentOn('a', '0.1'));
    caches.set({ ...spentOn('a', '0.1'), metadata: { ...spentOn('a', '0.1').metadata, resourceVersion: '2' } });
    expect(told).toEqual(['default/kimi']);
  });
});
