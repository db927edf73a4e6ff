import type { Case } from '../case.ts';
import { EVENT, get, given, LEASE, merge, post, SECRET } from './bodies.ts';
import { event } from './tables.ts';

const lease = (spec: { [key: string]: string | number }) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'election' },
  spec,
});
const secret = (name: string, more: { [key: string]: string | boolean | { [key: string]: string } }) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  ...more,
});

export const BUILTIN_CASES: Case[] = [
  {
    name: 'secrets: type, stringData, data and what they may not be',
    steps: [
      post(SECRET, secret('a', { stringData: { k: 'v' }, data: { k: 'b2xk', l: 'bA==' } })),
      post(SECRET, secret('b', { data: { k: 'not base64!' } })),
      post(SECRET, secret('c', { type: 'kubernetes.io/basic-auth' })),
      merge(`${SECRET}/a`, { type: 'Other' }),
      merge(`${SECRET}/a`, { stringData: { m: 'n' } }),
      post(SECRET, secret('d', { immutable: true, data: { k: 'dg==' } })),
      merge(`${SECRET}/d`, { data: { k: 'dw==' } }),
      post(SECRET, secret('e', { data: { 'bad key!': '' } })),
    ],
  },
  {
    name: 'leases: an election as client-go plays it',
    steps: [
      post(
        LEASE,
        lease({
          holderIdentity: 'one',
          leaseDurationSeconds: 15,
          acquireTime: '2026-11-24T10:00:00.000000Z',
          renewTime: '2026-11-24T10:00:00.123456Z',
          leaseTransitions: 0,
        }),
      ),
      { method: 'GET', path: `${LEASE}/election`, save: 'held' },
      {
        method: 'PUT',
        path: `${LEASE}/election`,
        body: {
          ...lease({
            holderIdentity: 'two',
            leaseDurationSeconds: 15,
            renewTime: '2026-11-24T10:00:30.000000Z',
            leaseTransitions: 1,
          }),
          metadata: { name: 'election', resourceVersion: '{held:metadata.resourceVersion}' },
        },
      },
      {
        method: 'PUT',
        path: `${LEASE}/election`,
        body: {
          ...lease({ holderIdentity: 'three', leaseDurationSeconds: 15, leaseTransitions: 2 }),
          metadata: { name: 'election', resourceVersion: '{held:metadata.resourceVersion}' },
        },
      },
      post(LEASE, { ...lease({ leaseDurationSeconds: -1 }), metadata: { name: 'bad' } }),
      post(LEASE, { ...lease({ leaseDurationSeconds: 0, leaseTransitions: -1 }), metadata: { name: 'bad' } }),
      post(LEASE, { ...lease({ renewTime: 'soon' }), metadata: { name: 'bad' } }),
    ],
  },
  {
    name: 'events: created, counted up, refused',
    steps: [
      post(EVENT, event('a')),
      merge(`${EVENT}/a`, { count: 5, lastTimestamp: '2020-01-03T00:00:00Z' }),
      post(EVENT, { ...event('b'), involvedObject: { kind: 'Wagon', name: 'x', namespace: 'elsewhere' } }),
      post(EVENT, { ...event('c'), type: 'Nope' }),
      get(`${EVENT}?fieldSelector=involvedObject.name%3Dlxc-core,involvedObject.kind%3DWagon,type%3DWarning`),
      get(`${EVENT}?fieldSelector=reason%3DNothing`),
      get(`${EVENT}?fieldSelector=message%3Dx`),
    ],
  },
  {
    name: 'namespaces: created Active, labelled with their name',
    steps: [
      post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{ns}-x' } }),
      post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{ns}-x' } }),
      merge('/api/v1/namespaces/{ns}-x', { metadata: { labels: { a: 'b' } } }),
      merge('/api/v1/namespaces/{ns}-x', { metadata: { labels: { 'kubernetes.io/metadata.name': 'other' } } }),
      post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'Not_A_Name' } }),
      { method: 'DELETE', path: '/api/v1/namespaces/default' },
    ],
  },
  {
    name: 'an old event cannot be moved to another namespace',
    steps: [given(EVENT, event('a')), merge(`${EVENT}/a`, { involvedObject: { namespace: 'elsewhere' } })],
  },
];
