import type { Case, RequestStep } from '../case.ts';
import { CONFIG_MAP, get, given, THING, thing } from './bodies.ts';

/** Bodies under `application/yaml`, as kubectl and curl send them, and bodies that cannot be read. */
const YAML = { 'content-type': 'application/yaml' };
const send = (path: string, text: string): RequestStep => ({ method: 'POST', path, text, headers: YAML });
const thingYaml = (spec: string) =>
  `apiVersion: conformance.darkcarnival.dev/v1\nkind: Thing\nmetadata:\n  name: a\nspec:\n${spec}`;
const mapYaml = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n${data}`;
const DUPLICATE_THING = thingYaml('  name: one\n  count: 1\n  count: 2\n  inner: {x: a, x: b}\n  bogus: 1\n');
const DUPLICATE_MAP = mapYaml('data:\n  a: "1"\n  a: "2"\n  b: "3"\n  b: "4"\nbogus: 1\n');
const each = (query: string) => [
  send(`${THING}?dryRun=All${query}`, DUPLICATE_THING),
  send(`${CONFIG_MAP}?dryRun=All${query}`, DUPLICATE_MAP),
];
const WRONG = [
  'a: [1',
  'a: {b: 1',
  'a: "b',
  "a: 'b",
  'a:\n  b: 1\n c: 2\n',
  'a: b: c',
  '\tb: 1',
  '@a: 1',
  '- a\nb: 1',
  'a: 1\n- b',
  '%',
  'a: |x\n b',
  '!!binary x',
  '[1, 2',
  'a: !!int x',
  'a: "\\q"',
  '{? {a: 1} : 2}',
];

export const YAML_CASES: Case[] = [
  { name: 'yaml: keys that stand twice, by warnings', steps: each('') },
  { name: 'yaml: keys that stand twice, refused', steps: each('&fieldValidation=Strict') },
  { name: 'yaml: keys that stand twice, ignored', steps: each('&fieldValidation=Ignore') },
  {
    name: 'yaml: unknown fields alone, refused',
    steps: [
      send(`${THING}?fieldValidation=Strict`, thingYaml('  name: one\n  bogus: 1\n')),
      send(`${CONFIG_MAP}?fieldValidation=Strict`, mapYaml('bogus: 1\n')),
    ],
  },
  {
    name: 'yaml: an update',
    steps: [
      given(THING, thing('a'), 'made'),
      {
        method: 'PUT',
        path: `${THING}/a`,
        text: 'apiVersion: conformance.darkcarnival.dev/v1\nkind: Thing\nmetadata:\n  name: a\n  resourceVersion: "{made:metadata.resourceVersion}"\nspec:\n  name: two\n  name: one\n  count: 5\n',
        headers: YAML,
      },
      get(`${THING}/a`),
    ],
  },
  {
    name: 'yaml: deletion with options',
    steps: [
      given(THING, thing('a')),
      {
        method: 'DELETE',
        path: `${THING}/a`,
        text: 'kind: DeleteOptions\napiVersion: v1\npreconditions: {uid: x}\n',
        headers: YAML,
      },
      { method: 'DELETE', path: `${THING}/a`, text: 'propagationPolicy: Background\n', headers: YAML },
      get(`${THING}/a`),
    ],
  },
  {
    name: 'yaml: scalars as YAML 1.1 has them',
    steps: [
      send(
        THING,
        thingYaml(
          '  name: one\n  on: yes\n  count: 0x10\n  at: 2026-01-02T03:04:05Z\n  any: {a: 1_000, b: 012, c: ~, d: off, e: 1e3, f: .5, g: 2026-01-02, h: 1:30, i: !!str 5, j: 0o17}\n',
        ),
      ),
      send(THING, thingYaml('  name: one\n  any: {k: .inf}\n')),
      send(CONFIG_MAP, mapYaml('data: {a: yes}\n')),
      send(CONFIG_MAP, mapYaml('data: {5: "a", true: "b", 1.5: "c"}\n')),
      send(CONFIG_MAP, `# a comment\n---\n${mapYaml('data: &d {a: "1"}\nbinaryData: {}\n')}`),
      send(CONFIG_MAP, `${mapYaml('data: {a: "1"}\n')}---\n${mapYaml('data: {a: "2"}\n')}`),
    ],
  },
  {
    name: 'yaml: bodies that are none answer 400',
    steps: WRONG.flatMap((text) => [send(THING, text), send(CONFIG_MAP, text)]),
  },
  {
    name: 'yaml: what is no object, nothing, or an unknown alias',
    steps: ['- 1', '5', 'text', 'true', '~', '{}', '', '---\n', '# nothing\n', 'a: *none', '{"a": 1,}'].flatMap(
      (text) => [send(THING, text), send(CONFIG_MAP, text)],
    ),
  },
];
