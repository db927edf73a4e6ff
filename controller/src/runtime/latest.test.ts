import type { KubeObject } from '@dark-carnival/crds';
import { Store } from '@dark-carnival/kube';
import { describe, expect, it } from 'vitest';
import { Latest } from './latest.ts';

const object = (resourceVersion: string, uid = 'one'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'default', uid, resourceVersion },
});
const key = 'default/a';

function setUp(cached?: KubeObject) {
  const store = new Store<KubeObject>();
  if (cached) store.set(cached);
  return { store, latest: new Latest(store) };
}
const version = (latest: Latest<KubeObject>) => latest.get(key)?.metadata.resourceVersion;

describe('the newest known state', () => {
  it('is our own write until its echo comes, and the cache from then on', () => {
    const { store, latest } = setUp(object('9'));
    latest.wrote(key, object('10'));
    expect(version(latest)).toBe('10');
    expect(latest.isEcho(key, object('10'))).toBe(true);
    store.set(object('11'));
    expect(version(latest)).toBe('11');
    expect(latest.isEcho(key, object('10'))).toBe(false);
  });

  it('is nothing once the object is gone, whatever we wrote before', () => {
    const { store, latest } = setUp(object('9'));
    latest.wrote(key, object('10'));
    store.delete(key);
    expect(latest.get(key)).toBeUndefined();
  });

  it('is that of the new object, not of an older one of its name', () => {
    const { store, latest } = setUp(object('9'));
    latest.wrote(key, object('20'));
    store.set(object('15', 'two'));
    expect(version(latest)).toBe('15');
  });

  it('is the cache where versions cannot be compared', () => {
    const { latest } = setUp(object('abc'));
    latest.wrote(key, object('abd'));
    expect(version(latest)).toBe('abc');
  });
});
