import type { Case, Json, RequestStep } from '../case.ts';
import {
  apply,
  applyBy as by,
  CONFIG_MAP,
  configMap,
  get,
  given,
  jsonPatch,
  merge,
  post,
  prepare,
  THING,
  thing,
} from './bodies.ts';

const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const put = (path: string, body: Json): RequestStep => ({ method: 'PUT', path, body });
const entry = (manager: string, fieldsV1: Json, more: Record<string, Json> = {}): Json => ({
  manager,
  operation: 'Update',
  apiVersion: 'conformance.darkcarnival.dev/v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});
const record = (managedFields: Json) => ({ metadata: { managedFields } });
const readRecord = get(`${THING}/a`);

/** Who is recorded as the owner of which field without any apply. */
export const MANAGED_FIELDS_CASES: Case[] = [
  {
    name: 'managed fields of creates, updates and patches name their manager',
    managedFields: true,
    steps: [
      { method: 'POST', path: `${THING}?fieldManager=maker`, body: thing('a', { count: 2, tags: ['x'] }) },
      merge(`${THING}/a?fieldManager=patcher`, {
        spec: { labels: { k: 'v' } },
        metadata: { labels: { a: 'b' }, annotations: { c: 'd' } },
      }),
      merge(`${THING}/a/status?fieldManager=statuser`, { status: { phase: 'New' } }),
    ],
  },
  {
    name: 'managed fields of everything that a create can set',
    managedFields: true,
    steps: [
      given(CONFIG_MAP, configMap('c'), 'c'),
      post(
        `${THING}?fieldManager=maker`,
        thing(
          'a',
          {
            count: 2,
            tags: ['y', 'x'],
            words: ['w'],
            parts: [{ id: 'p', value: 'v' }, { id: 'q' }],
            ports: [{ port: 80 }, { port: 9, protocol: 'UDP', notes: {}, tags: [] }],
            grains: { g: { a: '1' }, h: {} },
            atomicMap: { a: '1' },
            labels: { k: 'v' },
            any: { a: [1, { b: 2 }], c: { d: null } },
            inner: {},
            note: null,
            size: 5,
          },
          {
            labels: { a: 'b' },
            annotations: { 'x.dev/y': 'z' },
            finalizers: ['conformance.darkcarnival.dev/a'],
            ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: '{c:metadata.uid}' }],
          },
        ),
      ),
      post(`${THING}?fieldManager=maker`, { ...thing(''), metadata: { generateName: 'made-' } }),
    ],
  },
  {
    name: 'managed fields name the client where no manager is given',
    managedFields: true,
    steps: [
      { ...post(THING, thing('a')), headers: { 'user-agent': 'kubectl/v1.34.0 (linux/amd64)' } },
      {
        ...merge(`${THING}/a`, { spec: { count: 2 } }),
        headers: { 'content-type': 'application/merge-patch+json', 'user-agent': 'curl' },
      },
      {
        ...merge(`${THING}/a`, { spec: { count: 3 } }),
        headers: { 'content-type': 'application/merge-patch+json', 'user-agent': '/odd' },
      },
      {
        ...merge(`${THING}/a`, { spec: { count: 4 } }),
        headers: { 'content-type': 'application/merge-patch+json', 'user-agent': `${'x'.repeat(140)}/1` },
      },
    ],
  },
  {
    name: 'managed fields of replaced objects',
    managedFields: true,
    steps: [
      {
        ...post(`${THING}?fieldManager=one`, thing('a', { count: 2, labels: { k: 'v' } }, { labels: { a: 'b' } })),
        save: 'a',
      },
      put(`${THING}/a?fieldManager=two`, thing('a', { count: 3 }, { resourceVersion: '{a:metadata.resourceVersion}' })),
      { ...readRecord, save: 'b' },
      put(`${THING}/a?fieldManager=one`, thing('a', { count: 3 }, { resourceVersion: '{b:metadata.resourceVersion}' })),
      put(`${THING}/a?fieldManager=one`, thing('a', { count: 1 }, { resourceVersion: '{b:metadata.resourceVersion}' })),
    ],
  },
  {
    name: 'managed fields of one manager and operation are one entry, of the status another',
    managedFields: true,
    steps: [
      post(`${THING}?fieldManager=one`, thing('a')),
      merge(`${THING}/a?fieldManager=one`, { spec: { count: 2 } }),
      merge(`${THING}/a?fieldManager=one`, { spec: { count: 2, labels: { k: 'v' } } }),
      merge(`${THING}/a/status?fieldManager=one`, { status: { phase: 'New' } }),
      merge(`${THING}/a/status?fieldManager=one`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }),
      merge(`${THING}/a/status?fieldManager=two`, { status: { conditions: [{ type: 'Ready', status: 'False' }] } }),
      jsonPatch(`${THING}/a/status?fieldManager=one`, [
        { op: 'add', path: '/status/conditions/-', value: { type: 'Other', status: 'True' } },
      ]),
      merge(`${THING}/a/status?fieldManager=three`, { status: null }),
    ],
  },
  {
    name: 'managed fields of what an endpoint does not take',
    managedFields: true,
    steps: [
      post(`${THING}?fieldManager=one`, { ...thing('a'), status: { phase: 'New' } }),
      merge(`${THING}/a?fieldManager=two`, { status: { phase: 'New' } }),
      merge(`${THING}/a/status?fieldManager=three`, {
        metadata: { labels: { from: 'status' } },
        spec: { count: 9 },
        status: { phase: 'New' },
      }),
      merge(`${THING}/a/status?fieldManager=four`, { spec: { count: 9 } }),
    ],
  },
  {
    name: 'managed fields of writes that change nothing',
    managedFields: true,
    steps: [
      post(`${THING}?fieldManager=one`, thing('a', { count: 2 })),
      merge(`${THING}/a?fieldManager=two`, { spec: { count: 2 } }),
      jsonPatch(`${THING}/a?fieldManager=two`, []),
      merge(`${THING}/a?fieldManager=two`, { spec: { note: null } }),
      merge(`${THING}/a?fieldManager=two&dryRun=All`, { spec: { count: 3 } }),
      readRecord,
    ],
  },
  {
    name: 'managed fields are moved by a change of their owner, and end when nothing is left',
    managedFields: true,
    steps: [
      post(`${THING}?fieldManager=one`, thing('a', { labels: { k: 'v', l: 'w' } })),
      merge(`${THING}/a?fieldManager=two`, { spec: { labels: { k: 'x', l: null } } }),
      merge(`${THING}/a?fieldManager=three`, { spec: { labels: { k: 'y' } } }),
      merge(`${THING}/a?fieldManager=three`, { spec: { labels: null } }),
    ],
  },
  {
    name: 'managed fields of more than ten updaters: the oldest are taken together',
    managedFields: true,
    steps: [
      prepare(post(`${THING}?fieldManager=ma`, thing('a'))),
      ...Array.from({ length: 12 }, (_, i) =>
        prepare(merge(`${THING}/a?fieldManager=m${'bcdefghijklm'[i]}`, { metadata: { labels: { [`l${i}`]: 'v' } } })),
      ),
      readRecord,
      apply(by('one'), thing('a', {}, { labels: { l0: 'w' } })),
    ],
  },
  {
    name: 'managed fields of more than ten updaters: the oldest by their time, and each version on its own',
    managedFields: true,
    steps: [
      given(`${THING}?fieldManager=one`, thing('a')),
      merge(
        `${THING}/a?fieldManager=one`,
        record(
          // The times are in another order than the names; appliers and the status count as others do.
          Array.from({ length: 12 }, (_, i) =>
            entry(
              `m${'bcdefghijklm'[i]}`,
              { 'f:metadata': { 'f:labels': { [`f:l${i}`]: {} } } },
              {
                time: `2026-01-${String(((i * 5) % 12) + 1).padStart(2, '0')}T00:00:00Z`,
                ...(i % 4 === 1 && { operation: 'Apply' }),
                ...(i % 4 === 2 && { subresource: 'status' }),
              },
            ),
          ),
        ),
      ),
      merge(`${THING}/a?fieldManager=two`, { metadata: { labels: { x: 'y' } } }),
      merge(`${THING}/a?fieldManager=three`, { metadata: { labels: { x: 'z' } } }),
      merge(`${THING}/a?fieldManager=four`, { metadata: { labels: { y: 'z' } } }),
      merge(`${THING}/a/status?fieldManager=five`, { status: { phase: 'New' } }),
      readRecord,
    ],
  },
  {
    name: 'managed fields are thrown away by an empty entry, and begin again with an apply',
    managedFields: true,
    steps: [
      given(`${THING}?fieldManager=one`, thing('a', { count: 2 })),
      merge(`${THING}/a?fieldManager=two`, record([{}])),
      merge(`${THING}/a?fieldManager=two`, { spec: { count: 3 } }),
      apply(by('three'), thing('a', { count: 4 })),
      apply(by('three'), thing('a', { labels: { k: 'v' } })),
      jsonPatch(`${THING}/a?fieldManager=two`, [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]),
      apply(`${THING}/a/status?fieldManager=four`, { ...thing('a'), status: { phase: 'New' } }),
      jsonPatch(`${THING}/a?fieldManager=two`, [{ op: 'remove', path: '/metadata/managedFields' }]),
      merge(`${THING}/a?fieldManager=two`, record([])),
      given(CONFIG_MAP, configMap('c')),
      merge(`${CONFIG_MAP}/c`, record([])),
      merge(`${CONFIG_MAP}/c`, { data: { b: '2' } }),
    ],
  },
  {
    name: 'managed fields that a client states',
    managedFields: true,
    steps: [
      given(`${THING}?fieldManager=one`, thing('a', { count: 2, ports: [{ port: 1 }] })),
      merge(`${THING}/a?fieldManager=two`, record([entry('x', { 'f:spec': { 'f:count': {} } })])),
      merge(
        `${THING}/a?fieldManager=two`,
        record([
          entry('x', { 'f:spec': { 'f:ports': { 'k:{"protocol":"TCP", "port":1}': { '.': {} }, 'z:odd': {} } } }),
        ]),
      ),
      merge(`${THING}/a?fieldManager=two`, record([entry('x', { spec: {} })])),
      merge(`${THING}/a?fieldManager=two`, record([entry('x', {}, { operation: 'Other' })])),
      merge(`${THING}/a?fieldManager=two`, record([entry('x', {}, { apiVersion: '' })])),
      merge(`${THING}/a?fieldManager=two`, record([entry('x', {}, { fieldsType: 'FieldsV2' })])),
      merge(
        `${THING}/a?fieldManager=two`,
        record([entry('x', { 'f:spec': {} }), entry('x', { 'f:spec': { 'f:on': {} } })]),
      ),
      merge(`${THING}/a?fieldManager=two`, record('x')),
      merge(`${THING}/a?fieldManager=two`, record([1])),
      merge(`${THING}/a?fieldManager=two`, record([{ ...(entry('x', {}) as object), bogus: 1 }])),
      merge(
        `${THING}/a?fieldManager=two&fieldValidation=Strict`,
        record([{ ...(entry('x', {}) as object), bogus: 1 }]),
      ),
      merge(`${THING}/a/status?fieldManager=two`, record([{}])),
      post(
        `${THING}?fieldManager=two`,
        thing('b', { count: 2 }, record([entry('x', { 'f:spec': { 'f:count': {} } })]).metadata),
      ),
    ],
  },
  {
    name: 'managed fields of a CRD',
    managedFields: true,
    steps: [
      {
        ...get(`${CRD}/things.conformance.darkcarnival.dev`),
        until: { at: 'status.conditions.1.type', is: 'Established' },
      },
    ],
  },
  {
    name: 'managed fields in lists, watches, tables and metadata alone',
    managedFields: true,
    steps: [
      given(`${THING}?fieldManager=one`, thing('a')),
      get(THING),
      get(THING, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }),
      get(`${THING}/a`, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }),
      get(THING, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
      { watch: `${THING}?resourceVersion=0`, save: 'w' },
      { events: 'w', count: 1 },
    ],
  },
];
