import type { Case, Json } from '../case.ts';
import {
  apply,
  CONFIG_MAP,
  CRDS,
  configMap,
  EVENT,
  given,
  happened,
  jsonPatch,
  LEASE,
  lease,
  merge,
  NAMESPACES,
  post,
  put,
  SECRET,
  secret,
  strategic,
  THING,
  thing,
} from './bodies.ts';

const A = `${THING}/a`;
const C = `${CONFIG_MAP}/c`;
const THINGS_CRD = `${CRDS}/things.conformance.darkcarnival.dev?dryRun=All`;
const OTHER_UID = '00000000-0000-0000-0000-000000000000';
const MADE = { resourceVersion: '{made:metadata.resourceVersion}' };
/** What no kind's metadata may become: each kind lists its causes as often as its validation looks at them. */
const badMetadata = (path: string) =>
  [
    { labels: { 'bad key!': 'x' } },
    { uid: OTHER_UID },
    { deletionTimestamp: '2020-01-01T00:00:00Z', annotations: { 'bad key!': '' } },
  ].map((metadata: Json) => merge(path, { metadata }));

/** What an object is identified by, and what its kind does not let change. */
export const IMMUTABLE_CASES: Case[] = [
  {
    name: 'immutable: metadata of ours, by patch',
    steps: [
      given(THING, thing('a', {}, { labels: { a: 'b' } })),
      ...[
        { namespace: 'elsewhere' },
        { generateName: 'x-' },
        { selfLink: '/x' },
        { deletionTimestamp: '2020-01-01T00:00:00Z' },
        { deletionGracePeriodSeconds: 5 },
        { uid: null },
        { creationTimestamp: null },
        null,
        { resourceVersion: 'x' },
        { resourceVersion: '0' },
        { name: null },
      ].map((metadata: Json) => merge(A, { metadata })),
      merge(A, { kind: null }),
      merge(A, { apiVersion: null }),
      merge(A, { spec: null }),
      merge(A, { spec: 5 }),
    ],
  },
  {
    name: 'immutable: metadata of ours, by replacement',
    steps: [
      given(THING, thing('a'), 'made'),
      put(A, thing('a', {}, { ...MADE, uid: '' })),
      put(A, thing('a', {}, { resourceVersion: 'x' })),
      put(A, thing('a', {}, { resourceVersion: '0' })),
      put(A, thing('a', {}, { resourceVersion: '-1' })),
      put(A, { ...thing('a', {}, MADE), kind: 'Other' }),
      put(A, { metadata: { name: 'a' } }),
    ],
  },
  {
    name: 'immutable: metadata of built-in kinds',
    steps: [
      given(CONFIG_MAP, configMap('c'), 'made'),
      ...[
        { name: 'b' },
        { namespace: 'elsewhere' },
        { generation: 5, deletionTimestamp: '2020-01-01T00:00:00Z' },
        MADE,
        { resourceVersion: '1' },
      ].map((metadata: Json) => merge(C, { metadata })),
      put(C, configMap('b')),
      put(C, configMap('c', {}, { namespace: 'elsewhere' })),
      put(C, configMap('c', {}, { uid: OTHER_UID })),
      put(C, configMap('c', {}, { resourceVersion: '1' })),
      put(C, configMap('c', {}, { resourceVersion: 'x' })),
      put(C, { metadata: {} }),
      put(C, {}),
    ],
  },
  {
    name: 'immutable: a built-in kind stays what it is',
    steps: [
      given(CONFIG_MAP, configMap('c')),
      merge(C, { kind: 'Other' }),
      merge(C, { kind: 5 }),
      merge(C, { kind: null }),
      merge(C, { apiVersion: 'v9' }),
      merge(C, { apiVersion: 'apps/v1' }),
      jsonPatch(C, [{ op: 'replace', path: '/kind', value: 'Other' }]),
      strategic(C, { kind: 'Other' }),
      strategic(C, { apiVersion: 'v9' }),
      strategic(C, { kind: null }),
      apply(`${C}?fieldManager=m`, { ...configMap('c'), kind: 'Other' }),
    ],
  },
  {
    name: 'immutable: bad metadata of every kind, cause by cause',
    steps: [
      given(CONFIG_MAP, configMap('c')),
      ...badMetadata(C),
      given(SECRET, secret('s')),
      ...badMetadata(`${SECRET}/s`),
      given(LEASE, lease('l')),
      ...badMetadata(`${LEASE}/l`),
      given(EVENT, happened('e')),
      ...badMetadata(`${EVENT}/e`),
      ...badMetadata(`${NAMESPACES}/{ns}`),
      ...badMetadata(`${NAMESPACES}/{ns}/status`),
      ...badMetadata(THINGS_CRD),
      given(THING, thing('a')),
      ...badMetadata(A),
      ...badMetadata(`${A}/status`),
    ],
  },
  {
    name: 'immutable: config maps and secrets that say so',
    steps: [
      given(CONFIG_MAP, { ...configMap('c'), immutable: true, binaryData: { x: 'eA==' } }),
      merge(C, { binaryData: { x: 'eQ==' } }),
      merge(C, { immutable: false }),
      merge(C, { data: null }),
      put(C, configMap('c')),
      merge(C, { metadata: { annotations: { a: 'b' } } }),
      given(SECRET, secret('s', { type: 'example.com/x' })),
      merge(`${SECRET}/s`, { type: 'Opaque' }),
      merge(`${SECRET}/s`, { type: null }),
      merge(`${SECRET}/s`, { immutable: true }),
      merge(`${SECRET}/s`, { immutable: false }),
      merge(`${SECRET}/s`, { data: { z: 'eg==' } }),
    ],
  },
  {
    name: 'immutable: what secrets, events, leases, namespaces and definitions allow',
    steps: [
      post(SECRET, secret('t', { type: 'kubernetes.io/dockerconfigjson' })),
      post(SECRET, secret('t', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'x' } })),
      post(SECRET, secret('t', { type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': '{"a":' } })),
      post(SECRET, secret('t', { type: 'kubernetes.io/tls' })),
      post(SECRET, secret('t', { type: 'kubernetes.io/ssh-auth' })),
      given(EVENT, happened('e')),
      merge(`${EVENT}/e`, { reason: 'Other', message: 'n', type: 'Warning' }),
      merge(`${EVENT}/e`, { involvedObject: { name: 'y' } }),
      given(LEASE, lease('l', { holderIdentity: 'a', leaseTransitions: 3 })),
      merge(`${LEASE}/l`, { spec: { leaseTransitions: 1 } }),
      merge(`${LEASE}/l`, { spec: { leaseDurationSeconds: 0 } }),
      merge(`${LEASE}/l`, { spec: { holderIdentity: '' } }),
      merge(THINGS_CRD, { spec: { group: 'other.example.com' } }),
      merge(THINGS_CRD, { spec: { names: { plural: 'others' } } }),
      merge(THINGS_CRD, { metadata: { name: 'others.conformance.darkcarnival.dev' } }),
      merge(`${NAMESPACES}/{ns}`, { spec: { finalizers: [] } }),
      merge(`${NAMESPACES}/{ns}`, { status: { phase: 'Terminating' } }),
      merge(`${NAMESPACES}/{ns}`, { metadata: { name: 'x' } }),
    ],
  },
];
