import type { Json, KubectlStep, Step } from '../../case.ts';
import {
  CONFIG_MAP,
  configMap,
  EVENT,
  given,
  LEASE,
  merge,
  OBJECTIVE,
  objective,
  PROVIDER,
  prepare,
  SECRET,
  WAGON,
} from '../bodies.ts';
import { event } from '../tables.ts';

/** What the cases of the matrix are written with. */

type More = Pick<KubectlStep, 'stdin' | 'files' | 'editor'>;

/** A command line in the namespace of the case; what is in single quotes is one word. */
export const kubectl = (line: string, more: More = {}): KubectlStep => ({
  kubectl: ['-n', '{ns}', ...(line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/s, '$1'))],
  ...more,
});

/** A command line for each of some endings. */
export const kubectlEach = (line: string, endings: string[]): KubectlStep[] =>
  endings.map((ending) => kubectl(`${line} ${ending}`));

export const wagon = (name: string, port = 8100, labels: { [key: string]: Json } = {}): Json => ({
  apiVersion: 'darkcarnival.dev/v1alpha1',
  kind: 'Wagon',
  metadata: { name, labels },
  spec: { nodeID: name.toUpperCase(), role: 'CORE', runtime: { type: 'Process', process: { port } } },
});
export const secret = (name: string, stringData: { [key: string]: Json } = { token: 'abc' }): Json => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  type: 'Opaque',
  stringData,
});
export const lease = (name: string): Json => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
  spec: {
    holderIdentity: 'ringmaster-1',
    leaseDurationSeconds: 15,
    leaseTransitions: 2,
    acquireTime: '2020-01-01T00:00:00.000000Z',
    renewTime: '2020-01-01T00:00:10.000000Z',
  },
});
export const provider = (name: string): Json => ({
  apiVersion: 'darkcarnival.dev/v1alpha1',
  kind: 'ModelProvider',
  metadata: { name },
  spec: { type: 'Ollama', endpoint: 'http://127.0.0.1:11434', model: 'small' },
});
export const list = (...items: Json[]): Json => ({ apiVersion: 'v1', kind: 'List', items });

/** A state of a Thing that `kubectl wait` can wait for. */
export const READY = { status: { phase: 'Ready', conditions: [{ type: 'Ready', status: 'True', reason: 'Fine' }] } };

/** Two Objectives, two Wagons and a ModelProvider. */
export const ours: Step[] = [
  given(OBJECTIVE, objective('a', { ttlSecondsAfterFinished: 600 }, { labels: { show: 'tide' } })),
  given(OBJECTIVE, objective('b', {}, { labels: { show: 'moon' }, annotations: { note: 'hello' } })),
  prepare(merge(`${OBJECTIVE}/a/status`, { status: { phase: 'Debating' } })),
  given(WAGON, wagon('w1', 8101, { zone: 'a' })),
  given(WAGON, wagon('w2', 8102)),
  given(PROVIDER, provider('p')),
];

/** One of each built-in kind. */
export const builtIn: Step[] = [
  given(CONFIG_MAP, configMap('c', { a: '1' }, { labels: { k: 'v' } })),
  given(SECRET, secret('s')),
  given(LEASE, lease('l')),
  given(EVENT, event('e')),
];
