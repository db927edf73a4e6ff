import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../json/kube-object.ts';
import { decodeObject } from './object-bytes.ts';
import { LogInUseError } from './open-database.ts';
import { END_OF_KEYS, RevisionStore } from './revision-store.ts';

const object = (name: string, data = ''): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'd' },
  data,
});

describe('the revisioned store', () => {
  let dir: string;
  let path: string;
  const stores: RevisionStore[] = [];
  let faults: unknown[] = [];

  const open = (historyLimit = 1000, file = path) => {
    const store = new RevisionStore({
      path: file,
      attributesOf: (_resource, { metadata }) => ({
        labels: metadata.labels,
        fields: { 'metadata.name': metadata.name },
      }),
      historyLimit,
      cacheBytes: 10_000,
      defer: (run) => run(),
      onFault: (error) => faults.push(error),
    });
    stores.push(store);
    return store;
  };

  beforeEach(() => {
    faults = [];
    dir = mkdtempSync(join(tmpdir(), 'revision-store-'));
    path = join(dir, 'state.db');
  });

  afterEach(() => {
    for (const store of stores.splice(0)) store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const remove = (store: RevisionStore, key: string) => {
    const entry = store.entry('r', key);
    if (entry) store.delete(entry, store.object(entry));
  };

  it('gives each write the next revision and stores it in the object', () => {
    const store = open();
    expect(store.put('r', 'd/a', object('a')).rev).toBe(1);
    expect(store.put('r', 'd/a', object('a', 'x')).rev).toBe(2);
    const entry = store.entry('r', 'd/a');
    expect(entry && store.object(entry).metadata.resourceVersion).toBe('2');
    expect(store.revision).toBe(2);
  });

  it('keeps state and revision across a restart, also when the newest revision is a deletion', () => {
    const first = open();
    first.put('r', 'd/a', object('a'));
    first.put('r', 'd/b', object('b'));
    remove(first, 'd/b');
    first.close();
    stores.pop();
    const second = open();
    expect(second.revision).toBe(3);
    expect(second.entries('r').map(({ key, rev }) => [key, rev])).toEqual([['d/a', 1]]);
    expect(second.put('r', 'd/b', object('b')).createRev).toBe(4);
  });

  it('reads the state as it was at an older revision', () => {
    const store = open();
    store.put('r', 'd/a', object('a', 'one'));
    store.put('r', 'd/b', object('b'));
    store.put('r', 'd/a', object('a', 'two'));
    remove(store, 'd/b');
    const at = (rev: number) =>
      [...store.keysAt(rev, 'r', '', END_OF_KEYS)].map(({ key, rev: written }) => [
        key,
        decodeObject(store.valueAt(written))['data'],
      ]);
    expect(at(2)).toEqual([
      ['d/a', 'one'],
      ['d/b', ''],
    ]);
    expect(at(3)).toEqual([
      ['d/a', 'two'],
      ['d/b', ''],
    ]);
    expect(at(4)).toEqual([['d/a', 'two']]);
    expect(store.countAt(2, 'r', 'd/a', END_OF_KEYS)).toBe(1);
  });

  it('replays events with the state before each', () => {
    const store = open();
    store.put('r', 'd/a', object('a'));
    store.put('r', 'd/a', { ...object('a'), metadata: { name: 'a', labels: { x: '1' } } });
    remove(store, 'd/a');
    const events = [...store.eventsAfter(0, 'r')].map(({ type, rev, previous }) => [
      type,
      rev,
      previous?.rev,
      previous?.attributes.labels,
    ]);
    expect(events).toEqual([
      ['ADDED', 1, undefined, undefined],
      ['MODIFIED', 2, 1, undefined],
      ['DELETED', 3, 2, { x: '1' }],
    ]);
  });

  it('forgets old revisions behind the limit, keeps what lives, and stays within bounds', () => {
    const store = open(100);
    for (let i = 0; i < 3000; i += 1) store.put('r', `d/k${i % 7}`, object(`k${i % 7}`, String(i)));
    remove(store, 'd/k0');
    for (let i = 0; i < 1000; i += 1) store.put('r', 'd/other', object('other', String(i)));
    expect(store.compacted).toBeGreaterThan(store.revision - 700);
    const live = store.entries('r').map((entry) => store.object(entry)['data']);
    expect(live).toEqual(['2997', '2998', '2999', '2993', '2994', '2995', '999']);
    expect(store.entry('r', 'd/k0')).toBeUndefined();
    expect([...store.keysAt(store.compacted, 'r', '', END_OF_KEYS)].length).toBe(7);
    expect(store.bytesAt(5)).toBeUndefined();
    expect(statSync(path).size).toBeLessThan(1_000_000);
  });

  it('keeps what is being read while it compacts behind the writes, and no longer than that', () => {
    const store = open(10);
    for (const name of ['a', 'b', 'c']) store.put('r', `d/${name}`, object(name, 'old'));
    const old = store.entries('r').map(({ rev }) => rev);
    const reading = store.statesAt(store.revision, old);
    const read = [decodeObject(reading.next().value?.bytes ?? Buffer.from('{}'))['data']];
    for (let i = 0; i < 2000; i += 1) store.put('r', `d/${'abc'[i % 3]}`, object('new', String(i)));
    expect(store.compacted).toBeLessThanOrEqual(3);
    for (const { bytes } of reading) read.push(decodeObject(bytes)['data']);
    expect(read).toEqual(['old', 'old', 'old']);
    expect(store.compacted).toBeGreaterThan(1000);
    expect(old.map((rev) => store.bytesAt(rev))).toEqual([undefined, undefined, undefined]);
  });

  it('lets nobody begin at a revision that was compacted by order, though somebody still reads there', () => {
    const store = open();
    store.put('r', 'd/a', object('a', 'old'));
    const reading = store.statesAt(1, [1]);
    store.put('r', 'd/b', object('b'));
    const events = store.eventsAfter(1, 'r');
    expect(events.next().value?.key).toBe('d/b');
    store.put('r', 'd/a', object('a', 'new'));
    store.compact(3);
    expect(store.compacted).toBe(3);
    expect([...reading].map(({ rev }) => rev)).toEqual([1]);
    expect([...events].map(({ rev }) => rev)).toEqual([]);
    store.compact(3);
    expect(store.bytesAt(1)).toBeUndefined();
  });

  it('is the same after a restart that follows a compaction', () => {
    const first = open(10);
    for (let i = 0; i < 1200; i += 1) first.put('r', `d/k${i % 3}`, object(`k${i % 3}`, String(i)));
    const before = first.entries('r').map((entry) => first.object(entry));
    const { compacted } = first;
    first.close();
    stores.pop();
    const second = open(10);
    expect(second.entries('r').map((entry) => second.object(entry))).toEqual(before);
    expect(second.compacted).toBe(compacted);
  });

  it('knows its revision after everything was forgotten, a deletion last of all', () => {
    const first = open();
    first.put('r', 'd/a', object('a'));
    first.put('r', 'd/b', object('b'));
    remove(first, 'd/b');
    first.compact(first.revision);
    first.close();
    stores.pop();
    const second = open();
    expect([second.revision, second.compacted, second.count('r')]).toEqual([3, 3, 1]);
    expect(second.put('r', 'd/c', object('c')).rev).toBe(4);
  });

  it('refuses a file that is open elsewhere, and takes it once it is free', () => {
    const first = open();
    expect(() => open()).toThrow(LogInUseError);
    first.close();
    stores.length = 0;
    expect(open().revision).toBe(0);
  });

  it('keeps the file for its owner alone', () => {
    open();
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('tells listeners of each commit, in order, once', () => {
    const store = open(1000, ':memory:');
    const heard: string[] = [];
    store.onCommit(({ type, rev }, { metadata }) => heard.push(`${rev} ${type} ${metadata.name}`));
    store.put('r', 'd/a', object('a'));
    store.put('r', 'd/a', object('a', '2'));
    remove(store, 'd/a');
    expect(heard).toEqual(['1 ADDED a', '2 MODIFIED a', '3 DELETED a']);
  });

  it('keeps a write, and tells the others, when one listener fails', () => {
    const store = open(1000, ':memory:');
    const heard: number[] = [];
    store.onCommit(() => {
      throw new Error('a listener failed');
    });
    store.onCommit(({ rev }) => heard.push(rev));
    store.put('r', 'd/a', object('a'));
    expect([heard, store.revision, faults.map(String)]).toEqual([[1], 1, ['Error: a listener failed']]);
  });
});
