import type { Case, RequestStep } from '../case.ts';
import { APPLY, apply, applyBy as by, CONFIG_MAP, configMap, get, given, merge, THING, thing } from './bodies.ts';

const text = (path: string, body: string): RequestStep => ({ method: 'PATCH', path, text: body, headers: APPLY });
const HEAD = 'apiVersion: conformance.darkcarnival.dev/v1\nkind: Thing\n';

/** What is refused, and what is taken, of bodies and parameters. */
export const APPLY_BODY_CASES: Case[] = [
  {
    name: 'server-side apply of another kind, version, name or namespace is refused',
    steps: [
      apply(by('one'), configMap('a')),
      apply(by('one'), { ...thing('a'), apiVersion: 'conformance.darkcarnival.dev/v9' }),
      apply(by('one'), { ...thing('a'), kind: 'Other' }),
      apply(by('one'), { apiVersion: 'conformance.darkcarnival.dev/v1', metadata: { name: 'a' } }),
      apply(by('one'), { kind: 'Thing', metadata: { name: 'a' } }),
      apply(by('one'), thing('a', {}, { namespace: 'elsewhere' })),
      apply(by('one'), thing('b')),
      apply(by('one'), { apiVersion: 'conformance.darkcarnival.dev/v1', kind: 'Thing', spec: { name: 'one' } }),
      apply(`${CONFIG_MAP}/a?fieldManager=one`, thing('a')),
      given(THING, thing('a')),
      apply(by('one'), thing('b')),
      apply(by('one'), thing('a', {}, { namespace: 'elsewhere' })),
      apply(by('one'), { apiVersion: 'conformance.darkcarnival.dev/v1', kind: 'Thing', spec: { count: 2 } }),
      apply(by('one', true), { apiVersion: 'conformance.darkcarnival.dev/v1', kind: 'Thing', spec: { count: 2 } }),
    ],
  },
  {
    name: 'server-side apply of fields and values that are none is refused',
    steps: [
      apply(by('one'), thing('a', { bogus: 1 })),
      apply(by('one'), { ...thing('a'), bogus: 1, other: 2 }),
      apply(by('one'), thing('a', { count: 'x' })),
      apply(by('one'), thing('a', { name: 7 })),
      apply(by('one'), thing('a', { name: ['x'] })),
      apply(by('one'), thing('a', { name: { b: true, a: 'x' } })),
      apply(by('one'), thing('a', { on: 'x' })),
      apply(by('one'), thing('a', { on: [1, 'x', null] })),
      apply(by('one'), thing('a', { parts: 'x' })),
      apply(by('one'), thing('a', { parts: [{ id: 'a', nope: 1 }, { id: 7 }] })),
      apply(by('one'), thing('a', { inner: 'x' })),
      apply(by('one'), thing('a', { inner: ['x'] })),
      apply(by('one'), thing('a', { words: [1, 'x'] })),
      apply(by('one'), thing('a', { at: { x: 1 } })),
      apply(by('one'), thing('a', {}, { labels: { a: 1 } })),
      apply(by('one'), thing('a', {}, { bogus: 'x' })),
      apply(by('one'), thing('a', {}, { ownerReferences: [{ name: 'x' }] })),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply of what the schema refuses answers 422',
    steps: [
      apply(by('one'), thing('a', { count: 999 })),
      apply(by('one'), thing('a', { mode: 'Nope' })),
      apply(by('one'), thing('a', { gate: { a: 'dup' } })),
      apply(by('one'), { ...thing('a'), spec: {} }),
      apply(by('one'), thing('a', { at: 7 })),
      apply(by('one'), thing('a', { tags: ['a', 'b', 'c', 'd'] })),
      apply(`${THING}/A_b?fieldManager=one`, thing('A_b')),
      apply(by('one'), thing('a', { parts: [{ id: 'a', value: 'x' }] })),
      apply(by('one'), thing('a', { parts: [{ id: 'a', value: 'y' }] })),
    ],
  },
  {
    name: 'server-side apply wants a manager that can be printed, and is forced by a boolean',
    steps: [
      apply(`${THING}/a?fieldManager=`, thing('a')),
      apply(`${THING}/a?fieldManager=${'x'.repeat(129)}`, thing('a')),
      apply(`${THING}/a?fieldManager=a%0Ab%07`, thing('a')),
      apply(`${THING}/a?fieldManager=m%C3%BCller%20co`, thing('a')),
      apply(`${THING}/a?force=true`, thing('a')),
      apply(`${THING}/a?fieldManager=two&force=false`, thing('a', { name: 'two' })),
      apply(`${THING}/a?fieldManager=two&force=0`, thing('a', { name: 'two' })),
      apply(`${THING}/a?fieldManager=two&force=yes`, thing('a', { name: 'two' })),
      apply(`${THING}/a?fieldManager=one&dryRun=Some`, thing('a')),
      apply(`${THING}/a?fieldValidation=Some`, thing('a')),
      merge(`${THING}/a?force=true`, { spec: { count: 3 } }),
      merge(`${THING}/a?force=true&dryRun=Some&fieldValidation=Some`, { spec: { count: 3 } }),
      merge(`${THING}/a?fieldManager=a%0Ab`, { spec: { count: 3 } }),
      { method: 'PUT', path: `${THING}/a?fieldManager=${'x'.repeat(129)}`, body: thing('a') },
      { method: 'POST', path: `${THING}?fieldManager=${'x'.repeat(129)}`, body: thing('b') },
    ],
  },
  {
    name: 'server-side apply knows uids and resource versions as conditions',
    steps: [
      apply(by('one'), thing('a', {}, { uid: '00000000-0000-0000-0000-000000000000' })),
      apply(by('one'), thing('a', {}, { resourceVersion: '1' })),
      { method: 'POST', path: THING, body: thing('b'), save: 'b' },
      apply(`${THING}/b?fieldManager=one`, thing('b', { count: 2 }, { resourceVersion: '1' })),
      apply(`${THING}/b?fieldManager=one&force=true`, thing('b', { count: 2 }, { resourceVersion: '1' })),
      apply(
        `${THING}/b?fieldManager=one&force=true`,
        thing('b', { count: 2 }, { resourceVersion: '{b:metadata.resourceVersion}', uid: '{b:metadata.uid}' }),
      ),
      apply(
        `${THING}/b?fieldManager=one&force=true`,
        thing('b', { count: 2 }, { uid: '00000000-0000-0000-0000-000000000000' }),
      ),
    ],
  },
  {
    name: 'server-side apply takes YAML with its ways of writing values',
    managedFields: true,
    steps: [
      text(
        by('one'),
        `${HEAD}metadata:\n  name: a\nspec:\n  name: one\n  count: 0x10\n  on: yes\n  ratio: 1e0\n  any: {a: ~, b: 012, c: 1:30, d: 2026-01-01, e: .5, f: 1_000, g: "yes", h: off}\n`,
      ),
      text(
        by('one'),
        `# a comment\n---\n${HEAD}metadata: {name: a}\nspec: &s\n  name: one\n  any:\n    <<: {x: 1}\n    y: 2\n`,
      ),
      text(by('one'), ''),
      text(by('one'), '[]'),
      text(by('one'), 'text'),
      text(by('one'), '7'),
      text(by('one'), 'true'),
      text(by('one'), 'null'),
    ],
  },
  {
    name: 'server-side apply of YAML with a key twice',
    steps: [
      text(by('one'), `${HEAD}metadata: {name: a}\nspec:\n  name: one\n  count: 2\n  count: 3\n`),
      text(
        `${by('one')}&fieldValidation=Strict`,
        `${HEAD}metadata: {name: a}\nspec:\n  name: one\n  count: 4\n  name: two\n  count: 5\n`,
      ),
      text(
        `${by('one')}&fieldValidation=Ignore`,
        `${HEAD}metadata: {name: a}\nspec:\n  name: one\n  count: 2\n  count: 6\n`,
      ),
      text(
        `${by('one')}&fieldValidation=Strict`,
        '{"apiVersion":"conformance.darkcarnival.dev/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"name":"one","name":"two"}}',
      ),
      apply(`${by('one')}&fieldValidation=Strict`, thing('a', { bogus: 1 })),
    ],
  },
  {
    name: 'server-side apply of YAML that cannot be read',
    steps: [
      text(by('one'), '{'),
      text(by('one'), 'a: b: c'),
      text(by('one'), '\tx'),
      text(by('one'), 'a: [1'),
      text(by('one'), '"'),
    ],
  },
  {
    name: 'server-side apply with a record of owners is refused',
    steps: [
      apply(by('one'), thing('a', {}, { managedFields: [] })),
      apply(by('one'), thing('a', {}, { managedFields: [{}] })),
      apply(by('one'), thing('a', {}, { managedFields: null })),
      apply(by('one'), thing('a', { count: 'x' }, { managedFields: [{ manager: 'x' }] })),
    ],
  },
];
