import type { Case } from '../case.ts';
import { apply, applyBy as by, CONFIG_MAP, configMap, get, given, merge, prepare, THING, thing } from './bodies.ts';

/** How lists and maps of each kind are merged, owned and pruned. */
export const APPLY_LIST_CASES: Case[] = [
  {
    name: 'server-side apply of sets: items are owned one by one',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { tags: ['b', 'a'] })),
      apply(by('two'), thing('a', { tags: ['c', 'a'] })),
      apply(by('one'), thing('a', { tags: ['b'] })),
      apply(by('two'), thing('a', { tags: [] })),
      apply(by('one'), thing('a')),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply of atomic lists: the list is owned as a whole',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { words: ['x', 'y'] })),
      apply(by('two'), thing('a', { words: ['x', 'y'] })),
      apply(by('two'), thing('a', { words: ['y', 'x'] })),
      apply(by('two', true), thing('a', { words: ['y', 'x'] })),
      apply(by('two'), thing('a')),
    ],
  },
  {
    name: 'server-side apply of atomic maps: the map is owned as a whole',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { atomicMap: { a: '1', b: '2' }, atomic: { a: 'x' } })),
      apply(by('two'), thing('a', { atomicMap: { a: '1' } })),
      apply(by('two', true), thing('a', { atomicMap: { a: '1' } })),
      apply(by('one'), thing('a', { atomic: { b: 'y' } })),
      apply(by('two'), thing('a')),
    ],
  },
  {
    name: 'server-side apply of granular maps, in maps',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { grains: { p: { a: '1' }, q: {} } })),
      apply(by('two'), thing('a', { grains: { p: { b: '2' }, r: { a: '3' } } })),
      apply(by('one'), thing('a', { grains: { p: {} } })),
      apply(by('two'), thing('a', { grains: { r: { a: '4' } } })),
      apply(by('one'), thing('a')),
      apply(by('two'), thing('a')),
    ],
  },
  {
    name: 'server-side apply of list maps with two keys, one with a default',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { ports: [{ port: 80 }, { port: 80, protocol: 'UDP', tags: ['x'] }] })),
      apply(by('two'), thing('a', { ports: [{ port: 80, protocol: 'TCP', notes: { a: 'b' } }, { port: 443 }] })),
      apply(by('two'), thing('a', { ports: [{ port: 80, protocol: 'UDP', tags: ['y'] }] })),
      apply(by('one'), thing('a', { ports: [{ port: 80, protocol: 'UDP' }] })),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply keeps and makes the order of list items',
    steps: [
      apply(by('one'), thing('a', { parts: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] })),
      apply(by('two'), thing('a', { parts: [{ id: 'c' }, { id: 'x' }, { id: 'a' }] })),
      apply(by('three'), thing('a', { parts: [{ id: 'y' }, { id: 'b' }] })),
      apply(by('one'), thing('a', { parts: [{ id: 'b' }, { id: 'a' }] })),
      apply(by('four'), thing('a', { tags: ['1', '2', '3'] })),
      apply(by('five'), thing('a', { tags: ['3', '1'] })),
    ],
  },
  {
    name: 'server-side apply refuses lists whose items cannot be told apart',
    steps: [
      apply(by('one'), thing('a', { tags: ['a', 'a'] })),
      apply(by('one'), thing('a', { parts: [{ id: 'a' }, { id: 'a', value: 'b' }] })),
      apply(by('one'), thing('a', { parts: [{ value: 'b' }] })),
      apply(by('one'), thing('a', { parts: [null] })),
      apply(by('one'), thing('a', { parts: ['a'] })),
      apply(by('one'), thing('a', { tags: [null] })),
      apply(by('one'), thing('a', { tags: [{ a: 'b' }] })),
      apply(by('one'), thing('a', { tags: [['b']] })),
      apply(by('one'), thing('a', { ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] })),
    ],
  },
  {
    name: 'server-side apply of what has no schema, and of nulls and empty values',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { any: { a: { b: 1, c: [1, 2] }, d: 'x' }, note: null, size: '10%' })),
      apply(by('two'), thing('a', { any: { a: { e: true } }, size: '10%' })),
      apply(by('one'), thing('a', { any: { a: {} }, labels: {}, parts: [] })),
      apply(by('two', true), thing('a', { any: { a: 'now a text' }, size: 3 })),
      apply(by('two'), thing('a', { any: { a: { again: 'a map' } } })),
      apply(by('one'), thing('a')),
    ],
  },
  {
    name: 'server-side apply of nulls',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { count: null, note: null })),
      apply(by('one'), thing('a', { labels: null })),
      apply(by('one'), thing('a', { parts: null })),
      apply(by('one'), thing('a', { tags: null })),
      apply(by('one'), thing('a', { labels: { k: 'v' }, parts: [{ id: 'p' }], tags: ['x'], atomic: { a: 'x' } })),
      apply(by('one'), thing('a', { labels: null, parts: null, tags: null })),
      apply(by('one'), thing('a', { atomic: null })),
      apply(by('one'), thing('a', { grains: { a: null } })),
      apply(by('one'), thing('a', {}, { labels: null, annotations: null, finalizers: null, ownerReferences: null })),
      apply(`${CONFIG_MAP}/c?fieldManager=one`, { ...configMap('c'), data: null }),
      apply(`${CONFIG_MAP}/c?fieldManager=one`, { ...configMap('c'), data: { a: null }, immutable: null }),
    ],
  },
  {
    name: 'server-side apply of a list item that others added members to',
    managedFields: true,
    steps: [
      given(`${THING}?fieldManager=maker`, thing('a', { ports: [{ port: 1 }] })),
      apply(by('one'), thing('a', { ports: [{ port: 1, notes: { x: 'y' } }] })),
      prepare(merge(`${THING}/a?fieldManager=other`, { spec: { ports: [{ port: 1, notes: { x: 'y', z: 'z' } }] } })),
      apply(by('one'), thing('a', { ports: [] })),
      apply(by('one'), thing('a')),
    ],
  },
  {
    name: 'server-side apply of conditions of several controllers',
    managedFields: true,
    steps: [
      given(THING, thing('a')),
      ...(['one', 'two', 'three'] as const).map((manager) =>
        apply(`${THING}/a/status?fieldManager=${manager}`, {
          apiVersion: 'conformance.darkcarnival.dev/v1',
          kind: 'Thing',
          metadata: { name: 'a' },
          status: { conditions: [{ type: manager, status: 'True', reason: manager }] },
        }),
      ),
      apply(`${THING}/a/status?fieldManager=two`, {
        apiVersion: 'conformance.darkcarnival.dev/v1',
        kind: 'Thing',
        metadata: { name: 'a' },
        status: { conditions: [{ type: 'one', status: 'False' }] },
      }),
      apply(`${THING}/a/status?fieldManager=two`, {
        apiVersion: 'conformance.darkcarnival.dev/v1',
        kind: 'Thing',
        metadata: { name: 'a' },
        status: {},
      }),
    ],
  },
];
