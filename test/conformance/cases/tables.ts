import type { Case } from '../case.ts';
import {
  CONFIG_MAP,
  configMap,
  EVENT,
  get,
  given,
  LEASE,
  merge,
  OBJECTIVE,
  objective,
  post,
  prepare,
  SECRET,
  THING,
  thing,
} from './bodies.ts';

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const table = (path: string) => get(path, TABLE);
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.conformance.darkcarnival.dev';

export const event = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  type: 'Warning',
  reason: 'Stale',
  message: 'No word from LXC-CORE\n',
  count: 4,
  involvedObject: {
    apiVersion: 'darkcarnival.dev/v1alpha1',
    kind: 'Wagon',
    name: 'lxc-core',
    namespace: '{ns}',
    fieldPath: 'spec.x',
  },
  firstTimestamp: '2020-01-01T00:00:00Z',
  lastTimestamp: '2020-01-02T00:00:00Z',
  source: { component: 'ringmaster', host: 'here' },
  reportingComponent: '',
  reportingInstance: '',
});

export const TABLE_CASES: Case[] = [
  {
    name: 'table of a custom kind, list and single',
    steps: [
      given(THING, thing('a', { count: 3, ratio: 1.5, on: true, at: '2020-01-01T00:00:00Z' })),
      given(THING, thing('b')),
      prepare(
        merge(`${THING}/a/status`, { status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Fine' }] } }),
      ),
      table(THING),
      table(`${THING}/a`),
      get(`${THING}?includeObject=None`, TABLE),
      get(`${THING}?includeObject=Object`, TABLE),
      get(`${THING}?includeObject=Nope`, TABLE),
      get(`${THING}?limit=1`, TABLE),
    ],
  },
  {
    name: 'table of an objective',
    steps: [
      given(OBJECTIVE, objective('a')),
      prepare(
        merge(`${OBJECTIVE}/a/status`, {
          status: {
            phase: 'Debating',
            wagonName: 'lxc-core',
            debate: { round: 1 },
            taskSummary: '0/3',
            usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3, costUSD: '0.10', calls: 1, unsettled: 0 },
          },
        }),
      ),
      table(OBJECTIVE),
      table(`${OBJECTIVE}/a`),
    ],
  },
  {
    name: 'tables of built-in kinds',
    steps: [
      given(CONFIG_MAP, configMap('a', { x: '1', y: '2' })),
      table(CONFIG_MAP),
      given(SECRET, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'a' },
        type: 'Opaque',
        stringData: { k: 'v' },
      }),
      table(SECRET),
      given(EVENT, event('a')),
      table(EVENT),
      given(LEASE, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'a' },
        spec: { holderIdentity: 'me' },
      }),
      table(LEASE),
      table('/api/v1/namespaces/{ns}'),
      table(CRD),
    ],
  },
  {
    name: 'metadata only, of an object and of a list',
    steps: [
      given(THING, thing('a')),
      get(`${THING}/a`, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }),
      get(THING, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }),
      {
        ...post(THING, thing('b')),
        headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
      },
    ],
  },
  {
    name: 'what cannot be accepted answers 406',
    steps: [
      get(`${THING}`, { accept: 'text/html' }),
      get(`${THING}`, { accept: 'application/xml' }),
      get(`${THING}`, { accept: 'application/json;as=Nope;v=v1;g=meta.k8s.io' }),
      get(`${THING}`, { accept: '*/*' }),
    ],
  },
];
