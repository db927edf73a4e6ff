import type { Case, Json, RequestStep } from '../case.ts';
import { CONFIG_MAP, configMap, get, given, merge, post, THING, thing } from './bodies.ts';

type Spec = { [key: string]: Json };
const refuse = (name: string, ...specs: Spec[]): Case => ({
  name,
  steps: specs.map((spec) => post(THING, thing('a', spec))),
});
const accept = (name: string, ...specs: Spec[]): Case => ({
  name,
  steps: specs.map((spec, i): RequestStep => post(THING, thing(`a${i}`, spec))),
});
const strict = (path: string) => `${path}?fieldValidation=Strict`;
const warn = (path: string) => `${path}?fieldValidation=Warn`;

export const VALIDATION_CASES: Case[] = [
  refuse('a missing required field', { name: null }),
  refuse(
    'strings off their length and pattern',
    { name: 'a' },
    { name: 'x'.repeat(21) },
    { name: 'BAD' },
    { name: 'a"\n' },
  ),
  refuse(
    'wrong types',
    { name: 5 },
    { count: '1' },
    { count: 1.5 },
    { on: 'yes' },
    { tags: 'a' },
    { labels: [] },
    { inner: 'x' },
    { at: 5 },
  ),
  refuse('numbers off their bounds', { count: -1 }, { count: 101 }, { ratio: 2.5 }, { ratio: 0.3 }),
  refuse('values off their enum', { mode: 'Nope' }, { mode: 5 }),
  refuse('lists off their size', { words: [] }, { words: ['a', 'b', 'c', 'd'] }, { words: ['a'.repeat(11), 5] }),
  refuse(
    'sets and list-maps with repetitions',
    { tags: ['a', 'b', 'a'] },
    { parts: [{ id: 'x' }, { id: 'x' }] },
    { parts: [{ value: 'x' }] },
    { parts: [5] },
  ),
  refuse(
    'maps with too many or wrong members',
    { labels: { a: '', b: '', c: '', d: '' } },
    { labels: { a: 1 } },
    { labels: { 'a.b': 'x'.repeat(11) } },
  ),
  refuse('formats', { at: 'yesterday' }, { at: '2026-13-01T00:00:00Z' }, { size: true }, { size: 1.5 }),
  refuse('several errors at once', { name: 'A', count: -1, mode: 'Nope', words: [] }),
  refuse(
    'rules with their reasons and messages',
    { gate: {} },
    { gate: { a: 'dup' } },
    { gate: { a: 'me' } },
    { gate: { a: 'empty' } },
    { gate: { b: 0 } },
    { gate: { b: 11 } },
    { labels: { x: 'bad' } },
  ),
  refuse(
    'a rule and an error that keeps rules from running',
    { mode: 'Nope', gate: { a: 'me' } },
    { count: -1, gate: { a: 'me' } },
  ),
  accept(
    'what is just within its bounds',
    { name: 'x'.repeat(20), count: 100, ratio: 2, words: ['a', 'b', 'c'], at: '2026-01-02T03:04:05.678Z', size: '5%' },
    { size: 5, note: null },
    { count: 0, tags: [] },
  ),
  accept(
    'defaults, top down, and nulls that may not be',
    { inner: {} },
    { inner: { deep: {} } },
    { inner: { x: null, y: null }, count: null },
    { parts: [{ id: 'a' }, { id: 'b', weight: 1 }] },
    { note: null },
  ),
  {
    name: 'unknown fields are pruned, kept where the schema says so',
    steps: [
      post(THING, {
        ...thing('a', { bogus: 1, any: { x: { y: 1 } }, inner: { w: 1 }, parts: [{ id: 'a', zz: 1 }] }),
        top: true,
      }),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'strict field validation names unknown and duplicate fields',
    steps: [
      post(strict(THING), { ...thing('a', { bogus: 1, inner: { w: 1 }, parts: [{ id: 'a', zz: 1 }] }), top: true }),
      post(strict(THING), thing('a', {}, { unknownMeta: 1 })),
      {
        method: 'POST',
        path: strict(THING),
        text: '{"apiVersion":"conformance.darkcarnival.dev/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"name":"one","name":"two"}}',
      },
      post(strict(CONFIG_MAP), { ...configMap('a'), bogus: 1 }),
      {
        method: 'POST',
        path: strict(CONFIG_MAP),
        text: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1","a":"2"}}',
      },
      given(THING, thing('b')),
      merge(strict(`${THING}/b`), { spec: { bogus: 1 } }),
      post(`${THING}?fieldValidation=Nope`, thing('c')),
    ],
  },
  {
    name: 'field validation by warnings, and none',
    steps: [
      post(warn(THING), thing('a', { bogus: 1, inner: { w: 1 } })),
      post(warn(CONFIG_MAP), { ...configMap('a'), bogus: 1 }),
      post(`${THING}?fieldValidation=Ignore`, thing('b', { bogus: 1 })),
      post(THING, thing('c', { bogus: 1 })),
    ],
  },
  {
    name: 'transition rules relate list items by key and are skipped where there is no old value',
    steps: [
      given(THING, thing('a', { parts: [{ id: 'x', value: 'v' }], gate: { b: 3 } })),
      merge(`${THING}/a`, {
        spec: {
          parts: [
            { id: 'y', value: 'w' },
            { id: 'x', value: 'changed' },
          ],
        },
      }),
      merge(`${THING}/a`, {
        spec: {
          parts: [
            { id: 'y', value: 'w' },
            { id: 'x', value: 'v' },
          ],
        },
      }),
      merge(`${THING}/a`, { spec: { gate: { b: 2 } } }),
      merge(`${THING}/a`, { spec: { gate: { b: null, a: 'ok' } } }),
      merge(`${THING}/a`, { spec: { gate: { b: 4 } } }),
      merge(`${THING}/a`, { spec: { gate: null } }),
      merge(`${THING}/a`, { spec: { gate: { b: 1 } } }),
    ],
  },
  {
    name: 'built-in kinds are validated as the real ones',
    steps: [
      post(CONFIG_MAP, configMap('a', { 'bad key!': '1' })),
      post(CONFIG_MAP, configMap('a', { n: 5 })),
      post(CONFIG_MAP, { ...configMap('a'), binaryData: { a: 'AA==' } }),
      post(CONFIG_MAP, { ...configMap('b'), immutable: true }),
      merge(`${CONFIG_MAP}/b`, { data: { a: '2' } }),
      merge(`${CONFIG_MAP}/b`, { immutable: null }),
      merge(`${CONFIG_MAP}/b`, { metadata: { labels: { x: 'y' } } }),
    ],
  },
];
