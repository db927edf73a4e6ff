import type { Case, Json, RequestStep } from '../case.ts';
import { get, merge, post, prepare } from './bodies.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
type JsonObject = { [key: string]: Json };

/** A CRD of a group that is the case's own; `spec` is the schema of its objects' spec. */
const crd = (spec: JsonObject, more: JsonObject = {}, version: JsonObject = {}): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.{ns}.example.com' },
  spec: {
    group: '{ns}.example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        ...version,
      },
    ],
    ...more,
  },
});
const WIDGETS = '/apis/{ns}.example.com/v1/namespaces/{ns}/widgets';
const dry = (body: JsonObject): RequestStep => post(`${CRDS}?dryRun=All`, body);
const rules = (...list: JsonObject[]): JsonObject => ({
  type: 'object',
  properties: { n: { type: 'integer' }, s: { type: 'string', maxLength: 10 } },
  'x-kubernetes-validations': list,
});

export const CRD_CASES: Case[] = [
  {
    name: 'crd: created, served, extended, removed',
    steps: [
      post(CRDS, crd({ type: 'object', properties: { a: { type: 'string' } } })),
      prepare({ method: 'GET', path: WIDGETS, until: { status: 200 } }),
      post(WIDGETS, {
        apiVersion: '{ns}.example.com/v1',
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: { a: 'x', b: 'y' },
      }),
      { method: 'GET', path: `${CRDS}/widgets.{ns}.example.com`, save: 'crd' },
      {
        method: 'PUT',
        path: `${CRDS}/widgets.{ns}.example.com`,
        body: {
          ...crd({ type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } }),
          metadata: { name: 'widgets.{ns}.example.com', resourceVersion: '{crd:metadata.resourceVersion}' },
        },
      },
      {
        method: 'PATCH',
        path: `${WIDGETS}/w`,
        body: { spec: { b: 'y' } },
        headers: { 'content-type': 'application/merge-patch+json' },
        until: { at: 'spec.b', is: 'y' },
      },
      prepare({ method: 'DELETE', path: `${CRDS}/widgets.{ns}.example.com` }),
      prepare({ method: 'GET', path: WIDGETS, until: { status: 404 } }),
      prepare({ method: 'GET', path: `${CRDS}/widgets.{ns}.example.com`, until: { status: 404 } }),
      get(WIDGETS),
    ],
  },
  {
    name: 'crd: names, scope, group and versions that are wrong are refused',
    steps: [
      dry(crd({ type: 'object' }, { scope: 'Nope' })),
      dry(crd({ type: 'object' }, { group: 'nodot' })),
      dry(crd({ type: 'object' }, { names: { plural: 'others', kind: 'Widget' } })),
      dry(crd({ type: 'object' }, { names: { plural: 'widgets' } })),
      dry(crd({ type: 'object' }, { names: { plural: 'widgets', kind: 'Widget', shortNames: ['W!'] } })),
      dry(crd({ type: 'object' }, {}, { storage: false })),
      dry(crd({ type: 'object' }, {}, { schema: {} })),
      dry(crd({ type: 'object' }, {}, { name: 'V!' })),
    ],
  },
  {
    name: 'crd: schemas that are not structural are refused',
    steps: [
      dry(crd({ properties: { a: { type: 'string' } } })),
      dry(crd({ type: 'object', properties: { a: { type: 'strin' } } })),
      dry(crd({ type: 'object', properties: { a: { type: 'array' } } })),
      dry(crd({ type: 'object', oneOf: [{ type: 'object' }] })),
      dry(crd({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } })),
      dry(crd({ type: 'object', properties: { a: { type: 'string', pattern: '(?=a)' } } })),
      dry(crd({ type: 'object', properties: { a: { type: 'integer', maximum: 5, default: 9 } } })),
    ],
  },
  {
    name: 'crd: rules that do not compile are refused',
    steps: [
      dry(crd(rules({ rule: 'self.nope == 1' }))),
      dry(crd(rules({ rule: 'has(self.nope)' }))),
      dry(crd(rules({ rule: "self.n == 'a'" }))),
      dry(crd(rules({ rule: '1' }))),
      dry(crd(rules({ rule: 'slf.n == 1' }))),
      dry(crd(rules({ rule: 'self.s.frob() == 1' }))),
      dry(crd(rules({ rule: 'true', messageExpression: '1' }))),
      dry(crd(rules({ rule: 'true', messageExpression: 'self.q' }))),
      dry(crd(rules({ rule: 'true', fieldPath: '.q' }))),
      dry(crd(rules({ rule: 'true', reason: 'Q' }))),
      dry(crd(rules({ rule: '' }))),
      dry(crd(rules({ rule: 'true ||\nfalse' }))),
      dry(
        crd({
          type: 'object',
          properties: {
            l: {
              type: 'array',
              maxItems: 2,
              items: { type: 'string', maxLength: 2, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
            },
          },
        }),
      ),
    ],
  },
  {
    name: 'crd: columns and selectable fields that are wrong are refused',
    steps: [
      dry(crd({ type: 'object' }, {}, { additionalPrinterColumns: [{ name: 'A', type: 'foo', jsonPath: '.spec' }] })),
      dry(crd({ type: 'object' }, {}, { selectableFields: [{ jsonPath: '.spec.nope' }] })),
      dry(crd({ type: 'object' }, {}, { selectableFields: [{ jsonPath: '.metadata.name' }] })),
    ],
  },
  {
    name: 'crd: a kind in use keeps its name and scope',
    steps: [
      merge('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.conformance.darkcarnival.dev?dryRun=All', {
        spec: { scope: 'Cluster' },
      }),
      merge('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.conformance.darkcarnival.dev?dryRun=All', {
        spec: { names: { kind: 'Other' } },
      }),
    ],
  },
];
