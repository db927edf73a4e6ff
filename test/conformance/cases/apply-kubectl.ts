import type { Case, Json, KubectlStep } from '../case.ts';
import { apply, applyBy as by, CONFIG_MAP, configMap, get, THING, thing } from './bodies.ts';

const kubectl = (line: string, stdin?: Json): KubectlStep => ({
  kubectl: ['-n', '{ns}', ...line.split(' ')],
  ...(stdin === undefined ? {} : { stdin }),
});
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Server-side apply as kubectl and its users do it. */
export const APPLY_KUBECTL_CASES: Case[] = [
  {
    name: 'kubectl apply --server-side of several objects, again, and with less',
    managedFields: true,
    steps: [
      kubectl('apply --server-side -f -', {
        apiVersion: 'v1',
        kind: 'List',
        items: [thing('a', { count: 2 }), configMap('c')],
      }),
      kubectl('apply --server-side -f -', {
        apiVersion: 'v1',
        kind: 'List',
        items: [thing('a'), configMap('c', { b: '2' })],
      }),
      get(`${THING}/a`),
      get(`${CONFIG_MAP}/c`),
    ],
  },
  {
    name: 'kubectl from client-side to server-side apply',
    managedFields: true,
    steps: [
      kubectl('apply -f -', thing('a', { count: 2, labels: { k: 'v' } })),
      kubectl('apply --server-side -f -', thing('a', { count: 3 })),
      get(`${THING}/a`),
      kubectl('apply --server-side -f -', thing('a', { count: 4 })),
      kubectl('apply -f -', thing('a', { count: 5 })),
      kubectl('apply --server-side -f -', thing('a', { count: 6 })),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'server-side apply as kubectl of what a client-side apply left',
    managedFields: true,
    steps: [
      kubectl('apply -f -', configMap('c', { a: '1', b: '2' })),
      apply(`${CONFIG_MAP}/c?fieldManager=other`, configMap('c', { a: '3' })),
      apply(`${CONFIG_MAP}/c?fieldManager=kubectl`, configMap('c', { a: '3' })),
      apply(`${CONFIG_MAP}/c?fieldManager=kubectl`, configMap('c', { b: '4' }, { annotations: { x: 'y' } })),
      kubectl('apply view-last-applied configmap c'),
    ],
  },
  {
    name: 'server-side apply as kubectl with a last-applied configuration that is none',
    managedFields: true,
    steps: [
      apply(by('one'), thing('a', { count: 2 }, { annotations: { [LAST_APPLIED]: '{' } })),
      apply(by('kubectl'), thing('a', { count: 3 })),
      apply(by('kubectl', true), thing('a', { count: 3 })),
      apply(by('one'), thing('a', { labels: { k: 'v' } }, { annotations: { [LAST_APPLIED]: '' } })),
    ],
  },
  {
    name: 'kubectl diff --server-side, and in a dry run',
    steps: [
      kubectl('apply --server-side -f -', thing('a', { count: 2 })),
      kubectl('diff --server-side -f -', thing('a', { count: 2 })),
      kubectl('diff --server-side -f -', thing('a', { count: 3 })),
      kubectl('diff --server-side --field-manager=other -f -', thing('a', { count: 3 })),
      kubectl('diff --server-side --force-conflicts --field-manager=other -f -', thing('a', { count: 3 })),
      kubectl('apply --server-side --dry-run=server -f -', thing('b', { count: 2 })),
      kubectl('get things'),
    ],
  },
  {
    name: 'kubectl shows managed fields when asked to',
    managedFields: true,
    steps: [
      kubectl('apply --server-side -f -', thing('a', { count: 2, parts: [{ id: 'p' }], tags: ['x'] })),
      kubectl('get thing a -o yaml'),
      kubectl('get thing a -o yaml --show-managed-fields'),
      kubectl('get thing a -o json --show-managed-fields'),
      // One update alone: several stand in the order of their seconds, and only then of their managers.
      kubectl('label thing a x=y'),
      kubectl('get thing a -o yaml --show-managed-fields'),
    ],
  },
  {
    name: 'kubectl create --save-config and edit of what was applied',
    managedFields: true,
    steps: [
      kubectl('create --save-config -f -', thing('a', { count: 2 })),
      kubectl('apply --server-side -f -', thing('a', { count: 3 })),
      kubectl('apply --server-side --force-conflicts -f -', thing('a', { count: 3 })),
      kubectl('replace -f -', thing('a', { count: 4 })),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'kubectl apply --server-side of what is refused',
    steps: [
      kubectl('apply --server-side -f -', thing('a', { bogus: 1 })),
      kubectl('apply --server-side -f -', thing('a', { count: 'x' })),
      kubectl('apply --server-side -f -', thing('a', { count: 999 })),
      kubectl('apply --server-side --validate=false -f -', thing('a', { bogus: 1 })),
      kubectl('apply --server-side --validate=ignore -f -', thing('a', { count: 1 })),
      kubectl('apply --server-side -f -', { apiVersion: 'nope.example.com/v1', kind: 'Nope', metadata: { name: 'a' } }),
    ],
  },
];
