import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Widget } from '../../testing/index.ts';
import { CacheWriter, stripManagedFields } from './cache-writer.ts';
import { HandlerSet } from './handlers.ts';
import { compareResourceVersions } from './resource-version.ts';
import { BY_NAMESPACE, BY_OWNER, objectKey, Store, splitKey } from './store.ts';

function aWidget(name: string, version: number, metadata: Partial<Widget['metadata']> = {}): Widget {
  return {
    apiVersion: 'example.dev/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'show', uid: `uid-${name}`, resourceVersion: String(version), ...metadata },
    spec: { size: version },
  };
}

function aCache(indexers: ConstructorParameters<typeof Store<Widget>>[0] = {}) {
  const told: string[] = [];
  const store = new Store<Widget>(indexers);
  const handlers = new HandlerSet<Widget>((error) => {
    throw error;
  });
  handlers.add({
    onAdd: ({ metadata }, { initial }) => void told.push(`add ${metadata.uid}${initial ? ' initial' : ''}`),
    onUpdate: (before, after) =>
      void told.push(`update ${before.metadata.resourceVersion}→${after.metadata.resourceVersion}`),
    onDelete: ({ metadata }, info) =>
      void told.push(`delete ${metadata.uid}${info.finalStateUnknown ? ' unseen' : ''}`),
  });
  return { store, told, writer: new CacheWriter(store, handlers, stripManagedFields) };
}

describe('CacheWriter', () => {
  it('tells each change once, though events are repeated and overtaken', () => {
    const { writer, told, store } = aCache();
    writer.list(aWidget('a', 5), { initial: true });
    for (const version of [5, 6, 6, 4, 7]) writer.event({ type: 'MODIFIED', object: aWidget('a', version) });
    writer.event({ type: 'DELETED', object: aWidget('a', 6) });
    expect(store.get('show/a')?.metadata.resourceVersion).toBe('7');
    writer.event({ type: 'DELETED', object: aWidget('a', 8) });
    expect(told).toEqual(['add uid-a initial', 'update 5→6', 'update 6→7', 'delete uid-a']);
  });

  it('takes a list for the truth even where it is older: etcd was restored from a backup', () => {
    const { writer, told, store } = aCache();
    writer.event({ type: 'ADDED', object: aWidget('a', 900) });
    writer.list(aWidget('a', 10), { initial: false });
    expect(store.get('show/a')?.metadata.resourceVersion).toBe('10');
    expect(told).toEqual(['add uid-a', 'update 900→10']);
  });

  it('tells the end of an object whose name another one has taken', () => {
    const { writer, told } = aCache();
    writer.list(aWidget('a', 5), { initial: true });
    writer.event({ type: 'MODIFIED', object: aWidget('a', 9, { uid: 'second' }) });
    expect(told).toEqual(['add uid-a initial', 'delete uid-a unseen', 'add second']);
  });

  it('says nothing about a relist that found everything as it was', () => {
    const { writer, told } = aCache();
    writer.list(aWidget('a', 5), { initial: true });
    writer.list(aWidget('a', 5), { initial: false });
    writer.retain(new Set(['show/a']));
    expect(told).toHaveLength(1);
  });

  it('tells deletions that a relist reveals, with the last state known', () => {
    const { writer, told } = aCache();
    writer.list(aWidget('a', 5), { initial: true });
    writer.retain(new Set());
    expect(told).toEqual(['add uid-a initial', 'delete uid-a unseen']);
  });

  it('keeps no managedFields', () => {
    const { writer, store } = aCache();
    writer.event({ type: 'ADDED', object: aWidget('a', 1, { managedFields: [{ manager: 'm' }] }) });
    expect(store.get('show/a')?.metadata).not.toHaveProperty('managedFields');
  });
});

describe('Store', () => {
  it('keeps every index equal to a scan, whatever is written', () => {
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      remove: fc.boolean(),
      uid: fc.constantFrom('1', '2'),
      sizes: fc.uniqueArray(fc.constantFrom('s', 'm', 'l')),
    });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const store = new Store<Widget>({ size: ({ metadata }) => Object.keys(metadata.labels ?? {}) });
        for (const { name, remove, uid, sizes } of changes) {
          if (remove) store.delete(`show/${name}`);
          else
            store.set(
              aWidget(name, 1, { uid: `${name}${uid}`, labels: Object.fromEntries(sizes.map((size) => [size, ''])) }),
            );
        }
        const all = [...store.values()];
        for (const size of ['s', 'm', 'l']) {
          const scanned = all.filter(({ metadata }) => size in (metadata.labels ?? {}));
          expect(new Set(store.byIndex('size', size))).toEqual(new Set(scanned));
          expect(store.countByIndex('size', size)).toBe(scanned.length);
        }
        expect(store.countByIndex(BY_NAMESPACE, 'show')).toBe(store.size);
        const uids = ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'];
        const found = uids.flatMap((uid) => store.getByUid(uid) ?? []);
        expect(new Set(found)).toEqual(new Set(all));
      }),
    );
  });

  it('finds children by the uid of their owner', () => {
    const store = new Store<Widget>();
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Widget', name: 'p', uid: 'parent' }];
    store.set(aWidget('child', 1, { ownerReferences }));
    expect(store.byIndex(BY_OWNER, 'parent').map(objectKey)).toEqual(['show/child']);
    expect(store.byIndex(BY_OWNER, 'other')).toEqual([]);
    expect(() => store.byIndex('nope', 'x')).toThrow(TypeError);
  });

  it('splits the keys that it makes', () => {
    expect(splitKey('show/a')).toEqual({ namespace: 'show', name: 'a' });
    expect(splitKey('a')).toEqual({ namespace: undefined, name: 'a' });
  });
});

describe('compareResourceVersions', () => {
  it('orders 64-bit integers', () => {
    const version = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(version, version, (a, b) => {
        const want = a < b ? -1 : a > b ? 1 : 0;
        expect(Math.sign(compareResourceVersions(String(a), String(b)) ?? Number.NaN)).toBe(want);
      }),
    );
  });

  it.each([
    ['', '1'],
    ['01', '1'],
    ['x', '1'],
    [undefined, '1'],
    ['-1', '1'],
  ])('says nothing about %s and %s', (a, b) => {
    expect(compareResourceVersions(a, b)).toBeUndefined();
  });
});
