import type { Case } from '../case.ts';
import { APPLY, apply, applyBy as by, CONFIG_MAP, configMap, get, given, merge, THING, thing } from './bodies.ts';

export const APPLY_CASES: Case[] = [
  {
    name: 'server-side apply creates, then says the same',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { count: 2, labels: { k: 'v' }, parts: [{ id: 'p', value: 'v' }] })),
      apply(by('one'), thing('a', { count: 2, labels: { k: 'v' }, parts: [{ id: 'p', value: 'v' }] })),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply removes what its manager no longer says',
    managedFields: true,
    steps: [
      apply(
        by('one'),
        thing('a', { count: 2, labels: { k: 'v', l: 'w' }, parts: [{ id: 'p', value: 'v' }, { id: 'q' }] }),
      ),
      apply(by('one'), thing('a', { labels: { k: 'v' }, parts: [{ id: 'q' }] })),
    ],
  },
  {
    name: 'server-side apply of two managers shares map members and list-map items',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { labels: { k: 'v' }, parts: [{ id: 'p', value: 'v' }] })),
      apply(by('two'), thing('a', { labels: { l: 'w' }, parts: [{ id: 'q', value: 'w' }] })),
      apply(by('one'), thing('a', { name: 'one' })),
    ],
  },
  {
    name: 'server-side apply conflicts with another manager, and takes over by force',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { count: 2, atomic: { a: 'x' } })),
      apply(by('two'), thing('a', { count: 3 })),
      apply(by('two'), thing('a', { atomic: { b: 'y' } })),
      apply(by('two', true), thing('a', { count: 3, atomic: { b: 'y' } })),
      apply(by('two'), thing('a', { count: 3 })),
    ],
  },
  {
    name: 'server-side apply conflicts with what an update wrote',
    managedFields: true,
    steps: [
      given(THING, thing('a', { count: 2 })),
      apply(by('one'), thing('a', { count: 3 })),
      apply(by('one'), thing('a', { count: 2 })),
      merge(`${THING}/a?fieldManager=three`, { spec: { count: 4 } }),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply needs a manager, and a body that says what it is',
    steps: [
      apply(`${THING}/a`, thing('a')),
      apply(by('one'), { spec: { name: 'one' } }),
      apply(by('one'), thing('b')),
      {
        method: 'PATCH',
        path: by('one'),
        text: 'apiVersion: conformance.darkcarnival.dev/v1\nkind: Thing\nmetadata: {name: a}\nspec: {name: one, count: 3}\n',
        headers: APPLY,
      },
      { method: 'PATCH', path: by('one'), text: '{', headers: APPLY },
      apply(by('one'), thing('a', { count: 999 })),
      apply(by('one'), {
        ...thing('a'),
        metadata: { name: 'a', managedFields: [{ manager: 'x', operation: 'Apply' }] },
      }),
    ],
  },
  {
    name: 'server-side apply to the status subresource',
    managedFields: true,
    steps: [
      given(THING, thing('a')),
      apply(`${THING}/a/status?fieldManager=one`, {
        apiVersion: 'conformance.darkcarnival.dev/v1',
        kind: 'Thing',
        metadata: { name: 'a' },
        status: { phase: 'Ready', conditions: [{ type: 'Ready', status: 'True' }] },
      }),
      apply(`${THING}/a/status?fieldManager=two`, {
        apiVersion: 'conformance.darkcarnival.dev/v1',
        kind: 'Thing',
        metadata: { name: 'a' },
        status: { conditions: [{ type: 'Other', status: 'True' }] },
      }),
    ],
  },
  {
    name: 'server-side apply of a config map',
    steps: [
      apply(`${CONFIG_MAP}/a?fieldManager=one`, configMap('a')),
      apply(`${CONFIG_MAP}/a?fieldManager=two`, configMap('a', { a: '2' })),
      apply(`${CONFIG_MAP}/a?fieldManager=two&force=true`, configMap('a', { a: '2', b: '3' })),
      apply(`${CONFIG_MAP}/a?fieldManager=two`, configMap('a', { b: '3' })),
    ],
  },
];
