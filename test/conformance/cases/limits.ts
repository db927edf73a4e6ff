import type { Case, Json, RequestStep } from '../case.ts';
import {
  apply,
  CONFIG_MAP,
  configMap,
  get,
  given,
  JSON_PATCH,
  LEASE,
  lease,
  MERGE,
  merge,
  NAMESPACES,
  namespace,
  OBJECTIVE,
  objective,
  post,
  prepare,
  SECRET,
  secret,
  THING,
  thing,
} from './bodies.ts';

/** How long names, labels and annotations may be, and how large requests and objects. */
const MiB = 1024 * 1024;
const labelled = (labels: { [key: string]: string }) => thing('a', {}, { labels });
const annotated = (annotations: { [key: string]: string }) => thing('a', {}, { annotations });
const dry = (path: string, body: Json) => post(`${path}?dryRun=All`, body);
/** A thing whose JSON is somewhat longer than this. */
const large = (name: string, bytes: number): Json => thing(name, { any: { text: 'x'.repeat(bytes) } });

const METADATA_ONLY = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' };
const withoutBody = (step: RequestStep): RequestStep => ({ ...step, withoutBody: true });
/** Finalizers of a hundred bytes each: they are in the object, and again in the record of who owns its fields. */
const crowded = (name: string, count: number): Json =>
  configMap(
    name,
    { a: 'x'.repeat(1020 * 1024) },
    {
      finalizers: Array.from(
        { length: count },
        (_, i) => `conformance.darkcarnival.dev/${String(i).padStart(60, 'f')}`,
      ),
    },
  );

export const LIMIT_CASES: Case[] = [
  {
    name: 'names at and beyond the longest that there is',
    steps: [
      dry(THING, thing('a'.repeat(253))),
      dry(THING, thing('a'.repeat(254))),
      dry(CONFIG_MAP, configMap('a'.repeat(253))),
      dry(CONFIG_MAP, configMap('a'.repeat(254))),
      dry(SECRET, secret(`${'a'.repeat(250)}.b.c`)),
      dry(LEASE, lease('x'.repeat(254))),
      dry(NAMESPACES, namespace('n'.repeat(63))),
      dry(NAMESPACES, namespace('n'.repeat(64))),
      dry(NAMESPACES, namespace('a.b')),
      get(`${THING}/${'a'.repeat(254)}`),
      get(`${CONFIG_MAP}/Not_A_Name`),
    ],
  },
  {
    name: 'names that look like paths or end in a dot',
    steps: ['..', '.', 'a/b', 'a%b', 'a.', '-a', 'a..b', 'é', ' a', 'a\n'].flatMap((name) => [
      dry(THING, thing(name)),
      dry(CONFIG_MAP, configMap(name)),
    ]),
  },
  {
    name: 'generated names: a prefix that is too long is cut, one that is none is refused',
    steps: [
      dry(THING, { ...thing(''), metadata: { generateName: 'g'.repeat(70) } }),
      dry(CONFIG_MAP, { ...configMap(''), metadata: { generateName: 'Not_A_Config_gen-' } }),
      dry(THING, { ...thing(''), metadata: { generateName: 'Not_A_Name_gen-' } }),
      dry(THING, { ...thing(''), metadata: { generateName: '' } }),
      dry(THING, { ...thing('named'), metadata: { name: 'named', generateName: 'g-' } }),
      dry(THING, { ...thing('named'), metadata: { name: 'named', generateName: 'Not_A_Name-' } }),
    ],
  },
  {
    name: 'labels at and beyond their limits',
    steps: [
      dry(THING, labelled({ ['k'.repeat(63)]: 'v'.repeat(63) })),
      dry(THING, labelled({ ['k'.repeat(64)]: 'v' })),
      dry(THING, labelled({ k: 'v'.repeat(64) })),
      dry(THING, labelled({ [`${'p'.repeat(253)}/k`]: '' })),
      dry(THING, labelled({ [`${'p'.repeat(254)}/k`]: '' })),
      dry(THING, labelled({ '/k': '', 'p/': '', 'a/b/c': '', 'P/k': '', '': '' })),
      dry(THING, labelled({ k: '-v', l: 'v-', m: 'a b', n: 'é' })),
      dry(CONFIG_MAP, configMap('a', {}, { labels: { k: 'v'.repeat(64) } })),
      given(THING, thing('live')),
      merge(`${THING}/live`, { metadata: { labels: { 'bad key!': 'x' } } }),
    ],
  },
  {
    name: 'annotations at and beyond their limits',
    steps: [
      dry(THING, annotated({ a: 'x'.repeat(256 * 1024 - 1) })),
      dry(THING, annotated({ a: 'x'.repeat(256 * 1024) })),
      dry(THING, annotated({ ['k'.repeat(64)]: '' })),
      dry(THING, annotated({ 'Upper.Case/Key': 'x', é: 'y' })),
      dry(CONFIG_MAP, configMap('a', {}, { annotations: { a: 'x'.repeat(256 * 1024) } })),
    ],
  },
  {
    name: 'finalizers at and beyond their limits',
    steps: [
      dry(THING, thing('a', {}, { finalizers: [`${'p'.repeat(253)}/${'k'.repeat(63)}`] })),
      dry(THING, thing('a', {}, { finalizers: [`p.dev/${'k'.repeat(64)}`, 'p.dev/', '/k', ''] })),
      dry(THING, thing('a', {}, { finalizers: ['p.dev/k', 'p.dev/k'] })),
      dry(THING, thing('a', {}, { finalizers: ['orphan', 'foregroundDeletion'] })),
      dry(CONFIG_MAP, configMap('a', {}, { finalizers: ['kubernetes'] })),
    ],
  },
  {
    name: 'keys of data at and beyond their limits',
    steps: [
      dry(CONFIG_MAP, configMap('a', { ['k'.repeat(253)]: '' })),
      dry(CONFIG_MAP, configMap('a', { ['k'.repeat(254)]: '' })),
      dry(CONFIG_MAP, configMap('a', { '.': '', '..': '', '..a': '', 'a/b': '', '': '' })),
      dry(CONFIG_MAP, configMap('a', { '...': '', '.a': '' })),
      dry(SECRET, { ...secret('a'), data: { '..x': '' } }),
    ],
  },
  {
    name: 'requests of more than 3 MiB answer 413',
    steps: [
      { method: 'POST', path: THING, text: 'x'.repeat(3 * MiB + 1) },
      { method: 'PUT', path: `${THING}/a`, text: 'x'.repeat(3 * MiB + 1) },
      given(THING, thing('a')),
      { method: 'PATCH', path: `${THING}/a`, text: 'x'.repeat(3 * MiB + 1), headers: MERGE },
      { method: 'PATCH', path: `${THING}/a`, text: 'x'.repeat(3 * MiB + 1), headers: JSON_PATCH },
      {
        method: 'PATCH',
        path: `${THING}/a?fieldManager=m`,
        text: 'x'.repeat(3 * MiB + 1),
        headers: { 'content-type': 'application/apply-patch+yaml' },
      },
      { method: 'DELETE', path: `${THING}/a`, text: 'x'.repeat(3 * MiB + 1) },
      get(`${THING}/a`),
      { method: 'POST', path: THING, text: 'x'.repeat(3 * MiB) },
    ],
  },
  {
    name: 'objects of more than etcd takes are refused, by every verb',
    steps: [
      post(THING, large('big', 1.6 * MiB)),
      post(CONFIG_MAP, configMap('big', { a: 'x'.repeat(1.6 * MiB) })),
      post(SECRET, { ...secret('big'), stringData: { a: 'x'.repeat(1.1 * MiB) } }),
      apply(`${THING}/big?fieldManager=m`, large('big', 1.6 * MiB)),
      given(THING, thing('a'), 'made'),
      merge(`${THING}/a`, { spec: { any: { text: 'x'.repeat(1.6 * MiB) } } }),
      prepare(merge(`${THING}/a`, { spec: { any: { one: 'x'.repeat(0.8 * MiB) } } })),
      merge(`${THING}/a`, { spec: { any: { two: 'x'.repeat(0.8 * MiB) } } }),
      post(`${THING}?dryRun=All`, large('dry', 1.6 * MiB)),
      { ...get(`${THING}/a`, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }) },
      get(`${THING}/big`),
    ],
  },
  {
    name: 'objects that fit without the record of owners are kept without it',
    managedFields: true,
    steps: [
      withoutBody(post(CONFIG_MAP, crowded('kept', 3200))),
      get(`${CONFIG_MAP}/kept`, METADATA_ONLY),
      withoutBody(post(CONFIG_MAP, crowded('refused', 6400))),
      get(`${CONFIG_MAP}/refused`),
      withoutBody(merge(`${CONFIG_MAP}/kept`, { metadata: { labels: { a: 'b' } } })),
      prepare(merge(`${CONFIG_MAP}/kept`, { metadata: { finalizers: null } })),
      withoutBody(merge(`${CONFIG_MAP}/kept`, { metadata: { labels: { a: 'c' } } })),
      get(`${CONFIG_MAP}/kept`, METADATA_ONLY),
    ],
  },
  {
    name: 'json patches of more operations than are taken answer 413',
    steps: [
      given(OBJECTIVE, objective('a')),
      {
        method: 'PATCH',
        path: `${OBJECTIVE}/a`,
        body: Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'Objective' })),
        headers: JSON_PATCH,
      },
      {
        method: 'PATCH',
        path: `${OBJECTIVE}/a`,
        body: Array.from({ length: 10_000 }, () => ({ op: 'test', path: '/kind', value: 'Objective' })),
        headers: JSON_PATCH,
      },
    ],
  },
];
