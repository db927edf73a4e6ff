import type { Case, Json, RequestStep } from '../case.ts';
import { apply, CRDS, get, given, jsonPatch, merge, prepare } from './bodies.ts';

/** A kind with two versions, of which one goes: what was written in it, and who owns which field of it. */
const NAME = 'gears.{ns}.example.com';
const properties = (...names: string[]): Json => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
});
const version = (name: string, storage: boolean, ...fields: string[]): Json => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: properties(...fields) } } },
});
const CRD: Json = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: NAME },
  spec: {
    group: '{ns}.example.com',
    scope: 'Namespaced',
    names: { plural: 'gears', kind: 'Gear' },
    versions: [version('v1', false, 'a', 'b', 'c'), version('v2', true, 'a', 'b', 'c')],
  },
};
const gears = (v: string) => `/apis/{ns}.example.com/${v}/namespaces/{ns}/gears`;
const gear = (v: string, spec: { [key: string]: string }, metadata: { [key: string]: Json } = {}): Json => ({
  apiVersion: `{ns}.example.com/${v}`,
  kind: 'Gear',
  metadata: { name: 'g', ...metadata },
  spec,
});
const served = (v: string, status: number) => prepare({ method: 'GET', path: gears(v), until: { status } });
const change = (...operations: Json[]): RequestStep => prepare(jsonPatch(`${CRDS}/${NAME}`, operations));
const made = [given(CRDS, CRD), served('v1', 200), served('v2', 200)];
const removed: RequestStep[] = [prepare({ method: 'DELETE', path: `${CRDS}/${NAME}` }), served('v2', 404)];
const read = (v = 'v2') => get(`${gears(v)}/g`);
/** The version v1 is no longer served, and then no longer there. */
const drop: RequestStep[] = [
  change({ op: 'replace', path: '/spec/versions/0/served', value: false }),
  served('v1', 404),
  change({ op: 'remove', path: '/spec/versions/0' }),
  // Nothing else shows that the real server has heard of it.
  {
    ...prepare(apply(`${gears('v2')}/g?fieldManager=probe&dryRun=All`, gear('v2', { c: 'probe' }))),
    until: { status: 500 },
  },
];

export const CRD_VERSION_CASES: Case[] = [
  {
    name: 'crd versions: the same object in each, with the fields of whose version',
    managedFields: true,
    steps: [
      ...made,
      { method: 'POST', path: `${gears('v1')}?fieldManager=one`, body: gear('v1', { a: '1' }) },
      read('v1'),
      read(),
      merge(`${gears('v2')}/g?fieldManager=one`, { spec: { b: '2' } }),
      merge(`${gears('v1')}/g?fieldManager=two`, { spec: { a: '3' } }),
      apply(`${gears('v2')}/g?fieldManager=three`, gear('v2', { c: '4' })),
      apply(`${gears('v1')}/g?fieldManager=three`, gear('v1', { c: '4' })),
      apply(`${gears('v1')}/g?fieldManager=four`, gear('v1', { c: '5' })),
      { method: 'GET', path: gears('v1') },
      ...removed,
    ],
  },
  {
    name: 'crd versions: owners of fields of a version that is gone, after an update',
    managedFields: true,
    steps: [
      ...made,
      given(`${gears('v1')}?fieldManager=one`, gear('v1', { a: '1', b: '1' })),
      ...drop,
      read(),
      merge(`${gears('v2')}/g?fieldManager=two`, { spec: { a: '2' } }),
      merge(`${gears('v2')}/g?fieldManager=one`, { spec: { b: '3' } }),
      read(),
      ...removed,
    ],
  },
  {
    name: 'crd versions: appliers of a version that is gone, after an apply',
    managedFields: true,
    steps: [
      ...made,
      given(`${gears('v2')}?fieldManager=maker`, gear('v2', { c: '1' })),
      prepare(apply(`${gears('v1')}/g?fieldManager=one`, gear('v1', { a: '1', b: '1' }))),
      prepare(apply(`${gears('v1')}/g?fieldManager=two`, gear('v1', { b: '1' }))),
      ...drop,
      apply(`${gears('v2')}/g?fieldManager=three`, gear('v2', { a: '1' })),
      apply(`${gears('v2')}/g?fieldManager=one`, gear('v2', { a: '1' })),
      apply(`${gears('v2')}/g?fieldManager=two`, gear('v2', { b: '9' })),
      read(),
      ...removed,
    ],
  },
  {
    name: 'crd versions: an applier of a version that is gone applies again',
    managedFields: true,
    steps: [
      ...made,
      prepare(apply(`${gears('v1')}/g?fieldManager=one`, gear('v1', { a: '1', b: '1' }))),
      ...drop,
      apply(`${gears('v2')}/g?fieldManager=one`, gear('v2', { a: '1' })),
      apply(`${gears('v2')}/g?fieldManager=one&force=true`, gear('v2', { a: '2' })),
      apply(`${gears('v2')}/g?fieldManager=one`, gear('v2', {})),
      read(),
      ...removed,
    ],
  },
  {
    name: 'crd versions: owners of versions that never were, as clients state them',
    managedFields: true,
    steps: [
      ...made,
      ...['{ns}.example.com/v9', 'other.example.com/v1', 'v1'].flatMap((apiVersion) => [
        given(`${gears('v2')}?fieldManager=one`, gear('v2', { a: '1' })),
        merge(`${gears('v2')}/g?fieldManager=two`, {
          metadata: {
            managedFields: [
              {
                manager: 'x',
                operation: 'Update',
                apiVersion,
                fieldsType: 'FieldsV1',
                fieldsV1: { 'f:spec': { 'f:a': {} } },
              },
            ],
          },
        }),
        merge(`${gears('v2')}/g?fieldManager=two`, { spec: { b: '2' } }),
        apply(`${gears('v2')}/g?fieldManager=three`, gear('v2', { c: '4' })),
        prepare({ method: 'DELETE', path: `${gears('v2')}/g` }),
      ]),
      ...removed,
    ],
  },
  {
    name: 'crd versions: a version that goes while it is stored, or served by none, is refused',
    steps: [
      ...made,
      jsonPatch(`${CRDS}/${NAME}`, [{ op: 'remove', path: '/spec/versions/1' }]),
      jsonPatch(`${CRDS}/${NAME}`, [{ op: 'replace', path: '/spec/versions/0/storage', value: true }]),
      ...removed,
    ],
  },
  {
    name: 'crd versions: a field that leaves the schema leaves what is read, and its owners',
    managedFields: true,
    steps: [
      ...made,
      given(`${gears('v2')}?fieldManager=one`, gear('v2', { a: '1', b: '1' })),
      change({ op: 'remove', path: '/spec/versions/1/schema/openAPIV3Schema/properties/spec/properties/b' }),
      { ...prepare(read()), until: { at: 'spec', is: { a: '1' } } },
      read(),
      merge(`${gears('v2')}/g?fieldManager=two`, { spec: { a: '2' } }),
      apply(`${gears('v2')}/g?fieldManager=three`, gear('v2', { c: '1' })),
      ...removed,
    ],
  },
];
