import type { Case } from '../case.ts';
import { CONFIG_MAP, configMap, given, merge, prepare, THING, thing } from './bodies.ts';

const list = prepare({ method: 'GET', path: THING, save: 'list' });
const open = (query = '', save = 'w') => ({
  watch: `${THING}?watch=true&resourceVersion={list:metadata.resourceVersion}${query}`,
  save,
});
const remove = (name: string) => prepare({ method: 'DELETE', path: `${THING}/${name}` });

export const WATCH_CASES: Case[] = [
  {
    name: 'watch from a list sees what comes after it',
    steps: [
      list,
      open(),
      given(THING, thing('a')),
      prepare(merge(`${THING}/a`, { spec: { count: 2 } })),
      prepare(merge(`${THING}/a/status`, { status: { phase: 'New' } })),
      remove('a'),
      { events: 'w', count: 4 },
    ],
  },
  {
    name: 'watch from an older version replays what has happened since',
    steps: [
      list,
      given(THING, thing('a')),
      prepare(merge(`${THING}/a`, { spec: { count: 2 } })),
      remove('a'),
      given(THING, thing('b')),
      open(),
      { events: 'w', count: 4 },
    ],
  },
  {
    name: 'watch with a label selector turns into ADDED and DELETED as objects come and go',
    steps: [
      list,
      open('&labelSelector=x%3Dy'),
      given(THING, thing('a')),
      given(THING, thing('b', {}, { labels: { x: 'y' } })),
      prepare(merge(`${THING}/a`, { metadata: { labels: { x: 'y' } } })),
      prepare(merge(`${THING}/a`, { spec: { count: 2 } })),
      prepare(merge(`${THING}/a`, { metadata: { labels: { x: 'z' } } })),
      remove('b'),
      { events: 'w', count: 5 },
    ],
  },
  {
    name: 'watch with a field selector',
    steps: [
      list,
      open('&fieldSelector=metadata.name%3Db'),
      given(THING, thing('a')),
      given(THING, thing('b')),
      remove('b'),
      { events: 'w', count: 2 },
      list,
      open('&fieldSelector=spec.mode%3DSlow', 'm'),
      given(THING, thing('d')),
      prepare(merge(`${THING}/d`, { spec: { mode: 'Slow' } })),
      prepare(merge(`${THING}/d`, { spec: { mode: 'Fast' } })),
      { events: 'm', count: 2 },
    ],
  },
  {
    name: 'watch without a resourceVersion, or from 0, begins with what is there',
    steps: [
      given(THING, thing('a')),
      given(THING, thing('b')),
      { watch: `${THING}?watch=true&resourceVersion=0`, save: 'w' },
      given(THING, thing('c')),
      { events: 'w', count: 3 },
      { watch: `${THING}?watch=1`, save: 'v' },
      { events: 'v', count: 3 },
    ],
  },
  {
    name: 'watch from a version that is gone answers 410',
    steps: [
      given(THING, thing('a')),
      // More than either keeps: some 500 versions on disk and 4 MiB in memory, here.
      ...Array.from({ length: 560 }, (_, i) =>
        prepare(merge(`${THING}/a`, { spec: { any: { padding: 'x'.repeat(10_000), count: i } } })),
      ),
      { watch: `${THING}?watch=true&resourceVersion=1`, save: 'w' },
      { events: 'w', count: 1 },
    ],
  },
  {
    name: 'watch with a resourceVersion that is none answers 400',
    steps: [
      { method: 'GET', path: `${THING}?watch=true&resourceVersion=nonsense` },
      { method: 'GET', path: `${THING}?watch=true&labelSelector=a+in` },
      { method: 'GET', path: `${THING}?watch=true&fieldSelector=spec.nope%3D1` },
    ],
  },
  {
    name: 'watch ends after its timeout',
    steps: [list, open('&timeoutSeconds=1'), given(THING, thing('a')), { events: 'w', count: 2 }],
  },
  {
    name: 'watch sends a bookmark for an initial list that is asked for',
    steps: [
      given(THING, thing('a')),
      {
        watch: `${THING}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
        save: 'w',
      },
      { events: 'w', count: 2, withBookmarks: true },
      { method: 'GET', path: `${THING}?watch=true&sendInitialEvents=true` },
      { method: 'GET', path: `${THING}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan` },
    ],
  },
  {
    name: 'watch of a built-in kind',
    steps: [
      prepare({ method: 'GET', path: CONFIG_MAP, save: 'list' }),
      { watch: `${CONFIG_MAP}?watch=true&resourceVersion={list:metadata.resourceVersion}`, save: 'w' },
      given(CONFIG_MAP, configMap('a')),
      prepare(merge(`${CONFIG_MAP}/a`, { data: { b: '2' } })),
      prepare({ method: 'DELETE', path: `${CONFIG_MAP}/a` }),
      { events: 'w', count: 3 },
    ],
  },
  {
    name: 'watch of an object with a finalizer sees it marked, then gone',
    steps: [
      given(THING, thing('a', {}, { finalizers: ['conformance.darkcarnival.dev/wait'] })),
      list,
      open(),
      remove('a'),
      prepare(merge(`${THING}/a`, { metadata: { finalizers: [] } })),
      { events: 'w', count: 2 },
    ],
  },
  {
    name: 'watch in table form sends the columns once',
    steps: [
      list,
      { ...open(), headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } },
      given(THING, thing('a')),
      prepare(merge(`${THING}/a`, { spec: { count: 2 } })),
      { events: 'w', count: 2 },
    ],
  },
  {
    name: 'watch of metadata only',
    steps: [
      list,
      { ...open(), headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } },
      given(THING, thing('a')),
      remove('a'),
      { events: 'w', count: 2 },
    ],
  },
];
