import type { Case, Json, Step } from '../case.ts';
import { CONFIG_MAP, configMap, get, given, merge, post, prepare, THING, thing } from './bodies.ts';

const list = prepare({ method: 'GET', path: THING, save: 'list' });
const watch = (from: string, save: string) => ({ watch: `${THING}?watch=true&resourceVersion=${from}`, save });
/** The real server is ready before its caches of custom resources are. */
const started: Step[] = [
  { server: 'start' },
  prepare({ method: 'GET', path: `${THING}?resourceVersion=0`, until: { status: 200 } }),
];
const halted = { server: 'halt' } as const;
/** More revisions than the local server keeps here, so that the first ones are gone. */
const churn = Array.from({ length: 560 }, (_, i) =>
  prepare(merge(`${CONFIG_MAP}/c`, { data: { count: String(i) } as Json })),
);

/** The servers end and start again on their data. They come last: all that is open ends. */
export const RESTART_CASES: Case[] = [
  {
    name: 'restart: a watch ends, what was written stays, revisions go on',
    restarts: true,
    steps: [
      given(THING, thing('a'), 'a'),
      list,
      watch('{list:metadata.resourceVersion}', 'open'),
      given(THING, thing('b', {}, { finalizers: ['conformance.darkcarnival.dev/x'] })),
      halted,
      // One event, and then the end.
      { events: 'open', count: 3 },
      ...started,
      get(`${THING}/a`),
      get(`${THING}/b`),
      { method: 'DELETE', path: `${THING}/b` },
      merge(`${THING}/a`, { spec: { count: 5 } }),
      post(THING, thing('c')),
      { method: 'GET', path: THING },
    ],
  },
  {
    name: 'restart: a watch goes on from a list of afterwards, and from what it saw',
    restarts: true,
    steps: [
      given(THING, thing('a')),
      halted,
      ...started,
      list,
      given(THING, thing('b'), 'b'),
      prepare(merge(`${THING}/b`, { spec: { count: 5 } })),
      watch('{list:metadata.resourceVersion}', 'list'),
      { events: 'list', count: 2 },
      watch('{b:metadata.resourceVersion}', 'seen'),
      { events: 'seen', count: 1 },
    ],
  },
  {
    name: 'restart: a watch from before it',
    restarts: true,
    steps: [
      list,
      given(THING, thing('a')),
      prepare(merge(`${THING}/a`, { spec: { count: 5 } })),
      // Of another kind: the cache of the real server begins with the revision of all.
      given(CONFIG_MAP, configMap('c')),
      halted,
      ...started,
      watch('{list:metadata.resourceVersion}', 'before'),
      { events: 'before', count: 2 },
    ],
  },
  {
    name: 'restart: a watch from what is kept no longer answers 410',
    restarts: true,
    steps: [
      given(CONFIG_MAP, configMap('c')),
      ...churn,
      halted,
      ...started,
      watch('1', 'gone'),
      { events: 'gone', count: 1 },
      { method: 'GET', path: `${THING}?resourceVersion=1000000000` },
    ],
  },
  {
    name: 'restart: a list goes on where it was, and can be read at its revision',
    restarts: true,
    steps: [
      given(THING, thing('a')),
      given(THING, thing('b')),
      given(THING, thing('c')),
      { method: 'GET', path: `${THING}?limit=1`, save: 'page' },
      given(THING, thing('aa')),
      halted,
      ...started,
      { method: 'GET', path: `${THING}?limit=1&continue={page:metadata.continue}` },
      { method: 'GET', path: `${THING}?continue={page:metadata.continue}` },
      { method: 'GET', path: `${THING}?resourceVersion={page:metadata.resourceVersion}&resourceVersionMatch=Exact` },
      { method: 'GET', path: THING },
    ],
  },
  {
    name: 'restart: a list whose revision is compacted answers 410, and how to go on',
    restarts: true,
    steps: [
      given(THING, thing('a')),
      given(THING, thing('b')),
      given(THING, thing('c')),
      { method: 'GET', path: `${THING}?limit=1`, save: 'page' },
      given(THING, thing('aa')),
      { server: 'compact' },
      halted,
      ...started,
      { method: 'GET', path: `${THING}?limit=1&continue={page:metadata.continue}`, save: 'expired' },
      { method: 'GET', path: `${THING}?limit=1&continue={expired:metadata.continue}`, save: 'next' },
      { method: 'GET', path: `${THING}?limit=1&continue={next:metadata.continue}` },
      { method: 'GET', path: `${THING}?resourceVersion={page:metadata.resourceVersion}&resourceVersionMatch=Exact` },
      {
        method: 'GET',
        path: `${THING}?resourceVersion={page:metadata.resourceVersion}&resourceVersionMatch=NotOlderThan`,
      },
      { method: 'GET', path: `${THING}/a?resourceVersion={page:metadata.resourceVersion}` },
      watch('{page:metadata.resourceVersion}', 'gone'),
      { events: 'gone', count: 1 },
    ],
  },
];
