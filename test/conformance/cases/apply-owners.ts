import type { Case } from '../case.ts';
import {
  apply,
  applyBy as by,
  CONFIG_MAP,
  configMap,
  get,
  given,
  jsonPatch,
  merge,
  prepare,
  THING,
  thing,
} from './bodies.ts';

/** Who owns what after applies and updates of several, and who is in whose way. */
export const APPLY_OWNER_CASES: Case[] = [
  {
    name: 'server-side apply of what stands already shares the ownership',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { count: 2, labels: { k: 'v' } })),
      apply(by('two'), thing('a', { count: 2, labels: { k: 'v' } })),
      apply(by('one'), thing('a')),
      apply(by('two'), thing('a')),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply conflicts with several managers over several fields',
    steps: [
      apply(by('one'), thing('a', { count: 2, labels: { k: 'v' }, parts: [{ id: 'p', value: 'v' }] })),
      apply(by('two'), thing('a', { count: 2, mode: 'Slow', tags: ['x'] })),
      prepare(merge(`${THING}/a?fieldManager=three`, { spec: { on: true } })),
      apply(by('four'), thing('a', { count: 3 })),
      apply(by('four'), thing('a', { count: 3, mode: 'Fast', on: false, labels: { k: 'w' } })),
      apply(by('four'), thing('a', { parts: [{ id: 'p', value: 'w' }] })),
      apply(by('one'), thing('a', { on: false })),
    ],
  },
  {
    name: 'server-side apply without force changes nothing when it conflicts',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { count: 2 })),
      apply(by('two'), thing('a', { count: 3, labels: { k: 'v' } })),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply by force takes over, and the other may come back',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { count: 2, labels: { k: 'v' } })),
      apply(by('two', true), thing('a', { count: 3, labels: { k: 'w' } })),
      apply(by('one'), thing('a', { count: 2 })),
      apply(by('one'), thing('a', { count: 3 })),
      apply(by('two'), thing('a', { labels: { k: 'w' } })),
      apply(by('one', true), thing('a', { count: 4 })),
    ],
  },
  {
    name: 'server-side apply of default values, and their removal',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a')),
      apply(by('one'), thing('a', { count: 1, inner: { x: 'dx' } })),
      apply(by('two'), thing('a', { count: 1, mode: 'Slow' })),
      apply(by('one'), thing('a')),
      apply(by('two'), thing('a')),
    ],
  },
  {
    name: 'server-side apply leaves alone what others added, and what nobody owns',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { labels: { k: 'v' }, inner: { x: 'x', deep: { z: 1 } } })),
      prepare(merge(`${THING}/a?fieldManager=other`, { spec: { labels: { l: 'w' }, inner: { deep: { z: 2 } } } })),
      apply(by('one'), thing('a', { inner: {} })),
      apply(by('one'), thing('a')),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply after an update by the same name is another manager',
    managedFields: true,
    steps: [
      given(`${THING}?fieldManager=me`, thing('a', { count: 2 })),
      apply(by('me'), thing('a', { count: 3 })),
      apply(by('me'), thing('a', { count: 2 })),
      merge(`${THING}/a?fieldManager=me`, { spec: { count: 5 } }),
      apply(by('me'), thing('a', { count: 5 })),
    ],
  },
  {
    name: 'an update of what was applied takes the ownership',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { count: 2, labels: { k: 'v' }, tags: ['x'], parts: [{ id: 'p', value: 'v' }] })),
      merge(`${THING}/a?fieldManager=two`, { spec: { count: 3, labels: { k: null } } }),
      jsonPatch(`${THING}/a?fieldManager=three`, [{ op: 'replace', path: '/spec/tags', value: ['y'] }]),
      jsonPatch(`${THING}/a?fieldManager=three`, [{ op: 'remove', path: '/spec/parts/0' }]),
      apply(by('one'), thing('a', { labels: { k: 'v' } })),
    ],
  },
  {
    name: 'server-side apply that changes nothing writes nothing',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { count: 2, tags: ['x'], parts: [{ id: 'p' }] })),
      { watch: `${THING}?resourceVersion=0`, save: 'w' },
      apply(by('one'), thing('a', { count: 2, tags: ['x'], parts: [{ id: 'p' }] })),
      apply(by('one', true), thing('a', { parts: [{ id: 'p' }], tags: ['x'], count: 2 })),
      apply(by('one'), thing('a', { count: 3, tags: ['x'], parts: [{ id: 'p' }] })),
      { events: 'w', count: 2 },
    ],
  },
  {
    name: 'server-side apply in a dry run writes nothing',
    managedFields: true,
    steps: [
      apply(`${by('one')}&dryRun=All`, thing('a', { count: 2 })),
      get(`${THING}/a`),
      apply(by('one'), thing('a', { count: 2 })),
      apply(`${by('two')}&dryRun=All`, thing('a', { count: 3 })),
      apply(`${by('two', true)}&dryRun=All`, thing('a', { count: 3 })),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply of labels, annotations, finalizers and owners',
    managedFields: true,
    steps: [
      given(CONFIG_MAP, configMap('c'), 'c'),
      given(CONFIG_MAP, configMap('d'), 'd'),
      apply(
        by('one'),
        thing(
          'a',
          {},
          {
            labels: { a: 'b' },
            annotations: { 'x.dev/y': 'z' },
            finalizers: ['conformance.darkcarnival.dev/a'],
            ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: '{c:metadata.uid}' }],
          },
        ),
      ),
      apply(
        by('two'),
        thing(
          'a',
          {},
          {
            labels: { c: 'd' },
            finalizers: ['conformance.darkcarnival.dev/b'],
            ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'd', uid: '{d:metadata.uid}' }],
          },
        ),
      ),
      apply(by('two'), thing('a', {}, { labels: { a: 'other' } })),
      apply(by('one'), thing('a')),
      apply(by('two'), thing('a')),
    ],
  },
  {
    name: 'server-side apply to the main endpoint and to the status keep to their parts',
    managedFields: true,
    steps: [
      apply(by('one'), { ...thing('a', { count: 2 }), status: { phase: 'New' } }),
      apply(`${THING}/a/status?fieldManager=one`, {
        ...thing('a', { count: 9 }, { labels: { from: 'status' } }),
        status: { phase: 'Ready', conditions: [{ type: 'Ready', status: 'True' }] },
      }),
      apply(by('one'), { ...thing('a', { count: 3 }), status: { phase: 'New' } }),
      apply(`${THING}/a/status?fieldManager=two`, { ...thing('a'), status: { phase: 'New' } }),
      apply(`${THING}/a/status?fieldManager=two&force=true`, { ...thing('a'), status: { phase: 'New' } }),
      apply(`${THING}/b/status?fieldManager=two`, { ...thing('b'), status: { phase: 'New' } }),
      get(`${THING}/a`),
    ],
  },
];
