import type { Case } from '../case.ts';
import { CONFIG_MAP, configMap, get, given, jsonPatch, MERGE, merge, STRATEGIC, THING, thing } from './bodies.ts';

const FULL = { tags: ['a', 'b'], labels: { k: 'v', l: 'w' }, parts: [{ id: 'p', value: 'v' }] };

export const PATCH_CASES: Case[] = [
  {
    name: 'merge patch sets, replaces lists and removes with null',
    steps: [
      given(THING, thing('a', FULL)),
      merge(`${THING}/a`, { spec: { labels: { k: null, m: 'x' }, tags: ['c'], count: 7 } }),
      merge(`${THING}/a`, { spec: { mode: null, inner: null } }),
      merge(`${THING}/a`, { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } } }),
      merge(`${THING}/a`, { metadata: { labels: null } }),
    ],
  },
  {
    name: 'json patch adds, removes, replaces, moves, copies and tests',
    steps: [
      given(THING, thing('a', FULL)),
      jsonPatch(`${THING}/a`, [
        { op: 'test', path: '/spec/labels/k', value: 'v' },
        { op: 'add', path: '/spec/tags/-', value: 'z' },
        { op: 'replace', path: '/spec/count', value: 4 },
        { op: 'copy', from: '/spec/labels/k', path: '/spec/labels/n' },
        { op: 'move', from: '/spec/labels/l', path: '/spec/labels/o' },
        { op: 'remove', path: '/spec/labels/k' },
      ]),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'json patch whose test fails, or whose path is not there, is refused',
    steps: [
      given(THING, thing('a', FULL)),
      jsonPatch(`${THING}/a`, [{ op: 'test', path: '/spec/count', value: 99 }]),
      jsonPatch(`${THING}/a`, [{ op: 'remove', path: '/spec/nope' }]),
      jsonPatch(`${THING}/a`, [{ op: 'replace', path: '/spec/nope/deeper', value: 1 }]),
      jsonPatch(`${THING}/a`, [{ op: 'frobnicate', path: '/spec' }]),
      jsonPatch(`${THING}/a`, { op: 'remove', path: '/spec' }),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'json patch where it is looser than the RFC',
    steps: [
      given(THING, thing('a', FULL)),
      jsonPatch(`${THING}/a`, [{ op: 'replace', path: '/spec/labels/new', value: 'x' }]),
      jsonPatch(`${THING}/a`, [{ op: 'replace', path: '/spec/tags/-1', value: 'z' }]),
      jsonPatch(`${THING}/a`, [{ op: 'add', path: '/spec/tags/-1', value: 'y' }]),
      jsonPatch(`${THING}/a`, [{ op: 'copy', from: '/spec/labels/nope', path: '/spec/note' }]),
      jsonPatch(`${THING}/a`, [{ op: 'test', path: '/spec/labels/nope', value: null }]),
      jsonPatch(`${THING}/a`, [{ op: 'add', path: '/spec/note' }]),
      jsonPatch(`${THING}/a`, [{ op: 'remove', path: 'spec/labels' }]),
      jsonPatch(`${THING}/a`, [{ op: 'move', from: '/spec/count', path: '/spec/tags/9' }]),
      jsonPatch(`${THING}/a`, [{ op: 'add', path: '/spec/tags/x', value: 'y' }]),
      jsonPatch(`${THING}/a`, [{ op: 'add', path: '/spec/name/x', value: 'y' }]),
      jsonPatch(`${THING}/a`, [{ op: 'add', path: '', value: {} }]),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'strategic merge patch is for built-in kinds only',
    steps: [
      given(THING, thing('a')),
      { method: 'PATCH', path: `${THING}/a`, body: { spec: { count: 2 } }, headers: STRATEGIC },
      given(CONFIG_MAP, configMap('c', { a: '1', b: '2' })),
      { method: 'PATCH', path: `${CONFIG_MAP}/c`, body: { data: { a: null, c: '3' } }, headers: STRATEGIC },
      { method: 'PATCH', path: `${CONFIG_MAP}/c`, body: { data: { $patch: 'replace', z: '1' } }, headers: STRATEGIC },
      {
        method: 'PATCH',
        path: `${CONFIG_MAP}/c`,
        body: { metadata: { finalizers: ['conformance.darkcarnival.dev/a'] } },
        headers: STRATEGIC,
      },
      {
        method: 'PATCH',
        path: `${CONFIG_MAP}/c`,
        body: { metadata: { finalizers: ['conformance.darkcarnival.dev/b'] } },
        headers: STRATEGIC,
      },
      {
        method: 'PATCH',
        path: `${CONFIG_MAP}/c`,
        body: {
          metadata: {
            '$deleteFromPrimitiveList/finalizers': ['conformance.darkcarnival.dev/a', 'conformance.darkcarnival.dev/b'],
          },
        },
        headers: STRATEGIC,
      },
    ],
  },
  {
    name: 'a patch under another content type answers 415',
    steps: [
      given(THING, thing('a')),
      { method: 'PATCH', path: `${THING}/a`, body: { spec: {} }, headers: { 'content-type': 'application/json' } },
      { method: 'PATCH', path: `${THING}/a`, body: { spec: {} }, headers: { 'content-type': 'text/plain' } },
    ],
  },
  {
    name: 'a patch that cannot be read answers 400',
    steps: [
      given(THING, thing('a')),
      { method: 'PATCH', path: `${THING}/a`, text: '{"spec":', headers: MERGE },
      { method: 'PATCH', path: `${THING}/a`, text: '[1]', headers: MERGE },
    ],
  },
  {
    name: 'a patch of what is not there answers 404',
    steps: [merge(`${THING}/nope`, { spec: {} }), jsonPatch(`${THING}/nope`, [])],
  },
  {
    name: 'a patch cannot rename, and cannot move to another kind',
    steps: [
      given(THING, thing('a')),
      merge(`${THING}/a`, { metadata: { name: 'b' } }),
      merge(`${THING}/a`, { kind: 'Other' }),
      merge(`${THING}/a`, { apiVersion: 'conformance.darkcarnival.dev/v9' }),
      merge(`${THING}/a`, { metadata: { uid: '00000000-0000-0000-0000-000000000000' } }),
    ],
  },
];
