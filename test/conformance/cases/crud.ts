import type { Case } from '../case.ts';
import { CONFIG_MAP, configMap, get, given, LEASE, merge, post, prepare, SECRET, THING, thing } from './bodies.ts';

export const CRUD_CASES: Case[] = [
  { name: 'create answers 201 with defaults filled in', steps: [post(THING, thing('a')), get(`${THING}/a`)] },
  {
    name: 'create of a name that exists answers 409 AlreadyExists',
    steps: [given(THING, thing('a')), post(THING, thing('a'))],
  },
  {
    name: 'create with generateName makes a name of five more characters',
    steps: [post(THING, { ...thing(''), metadata: { generateName: 'gen-' } })],
  },
  { name: 'create without a name is refused', steps: [post(THING, { ...thing(''), metadata: {} })] },
  {
    name: 'create with a name that is none is refused',
    steps: [post(THING, thing('Not_A_Name')), post(CONFIG_MAP, configMap('Not_A_Name'))],
  },
  {
    name: 'create in another namespace than the path is refused',
    steps: [post(THING, thing('a', {}, { namespace: 'elsewhere' }))],
  },
  {
    name: 'create in a namespace that does not exist answers 404',
    steps: [post(THING.replace('{ns}', 'no-such-namespace'), thing('a'))],
  },
  {
    name: 'create of another kind than the path is refused',
    steps: [post(THING, configMap('a')), post(CONFIG_MAP, thing('a'))],
  },
  {
    name: 'create of another version is refused',
    steps: [post(THING, { ...thing('a'), apiVersion: 'conformance.darkcarnival.dev/v9' })],
  },
  {
    name: 'create without kind or apiVersion is refused',
    steps: [
      post(THING, { metadata: { name: 'a' }, spec: { name: 'one' } }),
      post(CONFIG_MAP, { metadata: { name: 'a' } }),
    ],
  },
  { name: 'create with a resourceVersion is refused', steps: [post(THING, thing('a', {}, { resourceVersion: '5' }))] },
  {
    name: 'create overwrites what the server owns: uid, generation, creationTimestamp, status',
    steps: [
      post(THING, {
        ...thing(
          'a',
          {},
          {
            uid: 'mine',
            generation: 7,
            creationTimestamp: '2020-01-01T00:00:00Z',
            deletionTimestamp: '2020-01-01T00:00:00Z',
          },
        ),
        status: { phase: 'Ready' },
      }),
    ],
  },
  {
    name: 'create with invalid labels, annotations and finalizers is refused',
    steps: [
      post(THING, thing('a', {}, { labels: { 'bad key!': 'x' } })),
      post(THING, thing('a', {}, { labels: { ok: 'bad value!' } })),
      post(THING, thing('a', {}, { annotations: { 'bad key!': 'x' } })),
      post(THING, thing('a', {}, { finalizers: ['nope'] })),
      post(THING, thing('b', {}, { finalizers: ['bad finalizer!'] })),
      post(THING, thing('a', {}, { labels: { n: 5 } })),
    ],
  },
  {
    name: 'get of what is not there answers 404',
    steps: [get(`${THING}/nope`), get(`${CONFIG_MAP}/nope`), get('/api/v1/namespaces/no-such-namespace')],
  },
  {
    name: 'update raises the generation only when more than metadata changes',
    steps: [
      given(THING, thing('a'), 'made'),
      {
        method: 'PUT',
        path: `${THING}/a`,
        body: thing('a', { count: 2 }, { resourceVersion: '{made:metadata.resourceVersion}' }),
        save: 'second',
      },
      {
        method: 'PUT',
        path: `${THING}/a`,
        body: thing('a', { count: 2 }, { resourceVersion: '{second:metadata.resourceVersion}', labels: { a: 'b' } }),
      },
      get(`${THING}/a`),
    ],
  },
  {
    name: 'update that changes nothing keeps the resourceVersion',
    steps: [
      given(THING, thing('a'), 'made'),
      {
        method: 'PUT',
        path: `${THING}/a`,
        body: thing('a', {}, { resourceVersion: '{made:metadata.resourceVersion}' }),
      },
      merge(`${THING}/a`, { spec: { count: 1 } }),
    ],
  },
  {
    name: 'update with a stale resourceVersion answers 409 Conflict',
    steps: [
      given(THING, thing('a'), 'made'),
      prepare(merge(`${THING}/a`, { spec: { count: 2 } })),
      {
        method: 'PUT',
        path: `${THING}/a`,
        body: thing('a', { count: 3 }, { resourceVersion: '{made:metadata.resourceVersion}' }),
      },
      merge(`${THING}/a`, { metadata: { resourceVersion: '{made:metadata.resourceVersion}' }, spec: { count: 3 } }),
      merge(`${THING}/a`, { metadata: { resourceVersion: '{made:metadata.resourceVersion}' } }),
    ],
  },
  {
    name: 'update without a resourceVersion is refused for ours, taken for built-in kinds',
    steps: [
      given(THING, thing('a')),
      { method: 'PUT', path: `${THING}/a`, body: thing('a', { count: 2 }) },
      given(CONFIG_MAP, configMap('c')),
      { method: 'PUT', path: `${CONFIG_MAP}/c`, body: configMap('c', { a: '2' }) },
    ],
  },
  {
    name: 'update of what is not there answers 404, and makes a lease',
    steps: [
      { method: 'PUT', path: `${THING}/a`, body: thing('a', {}, { resourceVersion: '1' }) },
      { method: 'PUT', path: `${CONFIG_MAP}/a`, body: configMap('a') },
      {
        method: 'PUT',
        path: `${LEASE}/a`,
        body: {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: 'a' },
          spec: { holderIdentity: 'me' },
        },
      },
    ],
  },
  {
    name: 'update with another name, uid or namespace is refused',
    steps: [
      given(THING, thing('a'), 'made'),
      {
        method: 'PUT',
        path: `${THING}/a`,
        body: thing('b', {}, { resourceVersion: '{made:metadata.resourceVersion}' }),
      },
      {
        method: 'PUT',
        path: `${THING}/a`,
        body: thing(
          'a',
          {},
          { resourceVersion: '{made:metadata.resourceVersion}', uid: '00000000-0000-0000-0000-000000000000' },
        ),
      },
      {
        method: 'PUT',
        path: `${THING}/a`,
        body: thing('a', {}, { resourceVersion: '{made:metadata.resourceVersion}', namespace: 'elsewhere' }),
      },
    ],
  },
  {
    name: 'update cannot change creationTimestamp or generation',
    steps: [
      given(THING, thing('a'), 'made'),
      {
        method: 'PUT',
        path: `${THING}/a`,
        body: thing(
          'a',
          {},
          {
            resourceVersion: '{made:metadata.resourceVersion}',
            creationTimestamp: '2020-01-01T00:00:00Z',
            generation: 9,
          },
        ),
      },
      merge(`${THING}/a`, { metadata: { generation: 9, creationTimestamp: '2020-01-01T00:00:00Z' } }),
    ],
  },
  {
    name: 'delete answers with a Success Status, then 404',
    steps: [
      given(THING, thing('a')),
      { method: 'DELETE', path: `${THING}/a` },
      get(`${THING}/a`),
      { method: 'DELETE', path: `${THING}/a` },
    ],
  },
  {
    name: 'delete of built-in kinds answers as the real ones do',
    steps: [
      given(CONFIG_MAP, configMap('a')),
      { method: 'DELETE', path: `${CONFIG_MAP}/a` },
      given(SECRET, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData: { k: 'v' } }),
      { method: 'DELETE', path: `${SECRET}/a` },
    ],
  },
  {
    name: 'delete with preconditions that do not hold answers 409',
    steps: [
      given(THING, thing('a'), 'made'),
      {
        method: 'DELETE',
        path: `${THING}/a`,
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions: { uid: '00000000-0000-0000-0000-000000000000' },
        },
      },
      {
        method: 'DELETE',
        path: `${THING}/a`,
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion: '1' } },
      },
      {
        method: 'DELETE',
        path: `${THING}/a`,
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions: { uid: '{made:metadata.uid}', resourceVersion: '{made:metadata.resourceVersion}' },
        },
      },
    ],
  },
  {
    name: 'delete with a finalizer marks, and ends when the last finalizer goes',
    steps: [
      given(THING, thing('a', {}, { finalizers: ['conformance.darkcarnival.dev/wait'] })),
      { method: 'DELETE', path: `${THING}/a` },
      get(`${THING}/a`),
      { method: 'DELETE', path: `${THING}/a` },
      merge(`${THING}/a`, {
        metadata: { finalizers: ['conformance.darkcarnival.dev/wait', 'conformance.darkcarnival.dev/another'] },
      }),
      merge(`${THING}/a`, { spec: { count: 5 } }),
      merge(`${THING}/a`, { metadata: { finalizers: null } }),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'delete of a collection takes those that the selector picks',
    steps: [
      given(CONFIG_MAP, configMap('a', {}, { labels: { x: 'y' } })),
      given(CONFIG_MAP, configMap('b', {}, { labels: { x: 'z' } })),
      { method: 'DELETE', path: `${CONFIG_MAP}?labelSelector=x%3Dy` },
      { method: 'GET', path: `${CONFIG_MAP}?labelSelector=x` },
      given(THING, thing('a')),
      { method: 'DELETE', path: THING },
      get(`${THING}`),
    ],
  },
  {
    name: 'dry run answers as if, and keeps nothing',
    steps: [
      post(`${THING}?dryRun=All`, thing('a')),
      get(`${THING}/a`),
      given(THING, thing('b')),
      merge(`${THING}/b?dryRun=All`, { spec: { count: 9 } }),
      { method: 'DELETE', path: `${THING}/b?dryRun=All` },
      get(`${THING}/b`),
      post(`${THING}?dryRun=Some`, thing('c')),
      merge(`${THING}/b?dryRun=All`, { spec: { count: 999 } }),
    ],
  },
];
