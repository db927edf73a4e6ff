import type { Case } from '../case.ts';
import { apply, CONFIG_MAP, configMap, EVENT, get, given, LEASE, merge, post, SECRET, STRATEGIC } from './bodies.ts';
import { event } from './tables.ts';

const secret = (data: Record<string, string>, more: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'a' },
  ...more,
  data,
});
const lease = (spec: Record<string, string | number>) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'a' },
  spec,
});
const namespace = (labels: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: '{ns}-n', labels },
});

const eventOf = (reason: string, count: number) => ({ ...event('e'), reason, count });

/** Server-side apply and the record of owners of the built-in kinds. */
export const APPLY_BUILTIN_CASES: Case[] = [
  {
    name: 'server-side apply of config maps: keys are owned one by one',
    managedFields: true,
    steps: [
      apply(`${CONFIG_MAP}/a?fieldManager=one`, configMap('a', { x: '1', y: '2' })),
      apply(`${CONFIG_MAP}/a?fieldManager=two`, configMap('a', { y: '2', z: '3' })),
      apply(`${CONFIG_MAP}/a?fieldManager=one`, configMap('a', { x: '1' })),
      apply(`${CONFIG_MAP}/a?fieldManager=two`, configMap('a', { x: '9' })),
      apply(`${CONFIG_MAP}/a?fieldManager=two`, { ...configMap('a', {}), binaryData: { b: 'AAEC' }, immutable: true }),
      apply(`${CONFIG_MAP}/a?fieldManager=one`, configMap('a', {})),
      apply(`${CONFIG_MAP}/b?fieldManager=one`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } }),
    ],
  },
  {
    name: 'server-side apply of config maps with values of another type',
    steps: [
      apply(`${CONFIG_MAP}/a?fieldManager=one`, { ...configMap('a'), data: { a: 1 } }),
      apply(`${CONFIG_MAP}/a?fieldManager=one`, { ...configMap('a'), data: ['a'] }),
      apply(`${CONFIG_MAP}/a?fieldManager=one`, { ...configMap('a'), bogus: 1 }),
      apply(`${CONFIG_MAP}/a?fieldManager=one`, { ...configMap('a'), immutable: 'x' }),
      apply(`${CONFIG_MAP}/a?fieldManager=one`, configMap('a', { 'a b': 'x' })),
      apply(`${CONFIG_MAP}/a?fieldManager=one`, configMap('a', { a: '1' }, { labels: { 'a b': 'x' } })),
    ],
  },
  {
    name: 'server-side apply of secrets',
    managedFields: true,
    steps: [
      apply(`${SECRET}/a?fieldManager=one`, secret({ a: 'MQ==' })),
      apply(`${SECRET}/a?fieldManager=two`, { ...secret({ b: 'Mg==' }), stringData: { c: '3' } }),
      apply(`${SECRET}/a?fieldManager=one`, secret({})),
      apply(`${SECRET}/a?fieldManager=two`, secret({ b: 'Mg==' }, { type: 'Other' })),
      get(`${SECRET}/a`),
    ],
  },
  {
    name: 'server-side apply of leases and events',
    managedFields: true,
    steps: [
      apply(`${LEASE}/a?fieldManager=one`, lease({ holderIdentity: 'me', leaseDurationSeconds: 15 })),
      apply(`${LEASE}/a?fieldManager=two`, lease({ renewTime: '2026-11-24T06:00:00.000000Z' })),
      apply(`${LEASE}/a?fieldManager=two`, lease({ holderIdentity: 'you' })),
      apply(`${EVENT}/e?fieldManager=one`, eventOf('Because', 1)),
      apply(`${EVENT}/e?fieldManager=one`, eventOf('Because', 2)),
      apply(`${EVENT}/e?fieldManager=two`, eventOf('Other', 2)),
    ],
  },
  {
    name: 'server-side apply of namespaces',
    managedFields: true,
    steps: [
      apply('/api/v1/namespaces/{ns}-n?fieldManager=one', namespace({ a: 'b' })),
      apply('/api/v1/namespaces/{ns}-n?fieldManager=two', namespace({ c: 'd' })),
      apply('/api/v1/namespaces/{ns}-n?fieldManager=one', namespace({})),
    ],
  },
  {
    name: 'managed fields of built-in kinds that are created, patched and updated',
    managedFields: true,
    steps: [
      post(`${CONFIG_MAP}?fieldManager=one`, configMap('a', { a: '1' }, { labels: { l: 'm' } })),
      {
        method: 'PATCH',
        path: `${CONFIG_MAP}/a?fieldManager=two`,
        body: { data: { a: null, b: '2' }, metadata: { finalizers: ['conformance.darkcarnival.dev/a'] } },
        headers: STRATEGIC,
      },
      merge(`${CONFIG_MAP}/a?fieldManager=three`, { data: null, metadata: { finalizers: null } }),
      post(`${SECRET}?fieldManager=one`, { ...secret({ a: 'MQ==' }), stringData: { c: '3' } }),
      post(`${LEASE}?fieldManager=one`, lease({ holderIdentity: 'me' })),
      {
        method: 'PUT',
        path: `${LEASE}/b?fieldManager=two`,
        body: { ...lease({ holderIdentity: 'x' }), metadata: { name: 'b' } },
      },
      post(`${EVENT}?fieldManager=one`, eventOf('Because', 1)),
      post('/api/v1/namespaces?fieldManager=one', namespace({ a: 'b' })),
    ],
  },
  {
    name: 'server-side apply of nothing new to a config map that was created',
    managedFields: true,
    steps: [
      given(`${CONFIG_MAP}?fieldManager=one`, configMap('a')),
      apply(`${CONFIG_MAP}/a?fieldManager=two`, configMap('a')),
      apply(`${CONFIG_MAP}/a?fieldManager=two`, configMap('a')),
      apply(`${CONFIG_MAP}/a?fieldManager=two`, configMap('a', {})),
    ],
  },
];
