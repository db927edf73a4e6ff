import type { Case, Json, KubectlStep, Step } from '../case.ts';
import { CONFIG_MAP, configMap, EVENT, given, merge, OBJECTIVE, objective, prepare, THING, thing } from './bodies.ts';
import { event } from './tables.ts';

const kubectl = (line: string, stdin?: Json): KubectlStep => ({
  kubectl: ['-n', '{ns}', ...line.split(' ')],
  ...(stdin === undefined ? {} : { stdin }),
});
const withArgs = (...args: string[]): KubectlStep => ({ kubectl: ['-n', '{ns}', ...args] });
const READY = { status: { phase: 'Ready', conditions: [{ type: 'Ready', status: 'True', reason: 'Fine' }] } };
const applyStdin = (body: Json, more = ''): KubectlStep => kubectl(`apply -f -${more}`, body);
const two: Step[] = [
  given(THING, thing('a', { count: 3, on: true, at: '2020-01-01T00:00:00Z' }, { labels: { x: 'y' } })),
  given(THING, thing('b', { mode: 'Slow' })),
  prepare(merge(`${THING}/a/status`, READY)),
];

export const KUBECTL_CASES: Case[] = [
  {
    name: 'kubectl get: table, wide, names, empty, one, several kinds, by category and short name',
    steps: [
      kubectl('get things'),
      ...two,
      kubectl('get things'),
      kubectl('get things -o wide'),
      kubectl('get thing a'),
      kubectl('get th'),
      kubectl('get conformance'),
      kubectl('get things -o name'),
      kubectl('get things,configmaps'),
      kubectl('get things.conformance.darkcarnival.dev'),
      kubectl('get things nope'),
      kubectl('get nothings'),
      kubectl('get things --no-headers'),
      kubectl('get things --show-labels'),
    ],
  },
  {
    name: 'kubectl get: yaml, json, jsonpath, custom columns, sorted, selected',
    steps: [
      ...two,
      kubectl('get thing a -o yaml'),
      kubectl('get thing a -o json'),
      kubectl('get things -o jsonpath={.items[*].spec.mode}'),
      kubectl('get things -o custom-columns=NAME:.metadata.name,MODE:.spec.mode'),
      kubectl('get things --sort-by=.spec.mode'),
      kubectl('get things -l x=y'),
      kubectl('get things --field-selector=spec.mode=Slow'),
      kubectl('get things --chunk-size=1'),
      kubectl('get thing a --subresource=status'),
    ],
  },
  {
    name: 'kubectl get objectives and built-in kinds',
    steps: [
      given(OBJECTIVE, objective('a')),
      prepare(merge(`${OBJECTIVE}/a/status`, { status: { phase: 'Debating' } })),
      given(CONFIG_MAP, configMap('c')),
      kubectl('get objectives'),
      kubectl('get obj -o wide'),
      kubectl('get carnival'),
      kubectl('get configmaps'),
      kubectl('get secrets'),
      kubectl('get leases'),
      kubectl('get ns {ns}'),
      kubectl('get crd objectives.darkcarnival.dev'),
    ],
  },
  {
    name: 'kubectl get --watch prints changes as they come',
    steps: [
      given(THING, thing('a')),
      { ...kubectl('get things -w'), background: 'w' },
      prepare(merge(`${THING}/a`, { spec: { count: 5 } })),
      given(THING, thing('b')),
      { lines: 'w', count: 4 },
    ],
  },
  {
    name: 'kubectl describe',
    steps: [
      ...two,
      given(EVENT, {
        ...event('e'),
        involvedObject: { apiVersion: 'conformance.darkcarnival.dev/v1', kind: 'Thing', name: 'a', namespace: '{ns}' },
      }),
      kubectl('describe thing a'),
      kubectl('describe thing nope'),
      given(CONFIG_MAP, configMap('c')),
      kubectl('describe configmap c'),
      kubectl('describe ns {ns}'),
    ],
  },
  {
    name: 'kubectl apply creates, says unchanged, then configured',
    steps: [
      applyStdin(thing('a')),
      applyStdin(thing('a')),
      applyStdin(thing('a', { count: 5, labels: { k: 'v' } })),
      applyStdin(thing('a', { count: 5 })),
      kubectl('get thing a -o yaml'),
      applyStdin(configMap('c')),
      applyStdin(configMap('c')),
      applyStdin(configMap('c', { b: '2' })),
      kubectl('get configmap c -o yaml'),
    ],
  },
  {
    name: 'kubectl apply of an objective twice says unchanged',
    steps: [
      applyStdin(objective('a')),
      applyStdin(objective('a')),
      applyStdin(objective('a', { desiredState: 'Paused' })),
      applyStdin(objective('a', { directive: 'Plan a coup' })),
    ],
  },
  {
    name: 'kubectl apply of what is invalid, unknown or of no kind',
    steps: [
      applyStdin(thing('a', { mode: 'Nope' })),
      applyStdin(thing('a', { bogus: 1 })),
      applyStdin(thing('a', { bogus: 1 }), ' --validate=false'),
      applyStdin({ apiVersion: 'nope.example.com/v1', kind: 'Nope', metadata: { name: 'a' } }),
      applyStdin(thing('b', { bogus: 1 }), ' --validate=warn'),
    ],
  },
  {
    name: 'kubectl apply --dry-run',
    steps: [
      applyStdin(thing('a'), ' --dry-run=server'),
      applyStdin(thing('a'), ' --dry-run=client'),
      kubectl('get things'),
    ],
  },
  {
    name: 'kubectl apply --server-side, its conflicts, and by force',
    managedFields: true,
    steps: [
      applyStdin(thing('a', { count: 2 }), ' --server-side'),
      applyStdin(thing('a', { count: 2 }), ' --server-side'),
      applyStdin(thing('a', { count: 3 }), ' --server-side --field-manager=other'),
      applyStdin(thing('a', { count: 3 }), ' --server-side --field-manager=other --force-conflicts'),
      kubectl('get thing a -o yaml --show-managed-fields'),
    ],
  },
  {
    name: 'kubectl create, replace and delete',
    steps: [
      kubectl('create -f -', thing('a')),
      kubectl('create -f -', thing('a')),
      kubectl('replace -f -', thing('a', { count: 4 })),
      kubectl('delete thing a'),
      kubectl('delete thing a'),
      kubectl('delete thing a --ignore-not-found'),
      kubectl('create configmap c --from-literal=a=b'),
      kubectl('create secret generic s --from-literal=a=b'),
      kubectl('delete configmap c --wait=false'),
      kubectl('delete things --all'),
      kubectl('create namespace {ns}-z'),
    ],
  },
  {
    name: 'kubectl patch',
    steps: [
      given(THING, thing('a')),
      withArgs('patch', 'thing', 'a', '--type', 'merge', '-p', '{"spec":{"count":5}}'),
      withArgs('patch', 'thing', 'a', '--type', 'merge', '-p', '{"spec":{"count":5}}'),
      withArgs('patch', 'thing', 'a', '--type', 'json', '-p', '[{"op":"replace","path":"/spec/count","value":6}]'),
      withArgs('patch', 'thing', 'a', '-p', '{"spec":{"count":7}}'),
      withArgs('patch', 'thing', 'a', '--type', 'merge', '-p', '{"spec":{"count":999}}'),
      withArgs('patch', 'thing', 'a', '--subresource=status', '--type', 'merge', '-p', '{"status":{"phase":"New"}}'),
      given(CONFIG_MAP, configMap('c')),
      withArgs('patch', 'configmap', 'c', '-p', '{"data":{"b":"2"}}'),
    ],
  },
  {
    name: 'kubectl patch answers the gate as every printed command does',
    steps: [
      given(OBJECTIVE, objective('a')),
      prepare(
        merge(`${OBJECTIVE}/a/status`, {
          status: {
            phase: 'AwaitingHuman',
            approvalRequest: {
              id: 'request-1',
              planHash: `sha256:${'a'.repeat(64)}`,
              requestedAt: '2026-11-24T10:00:00Z',
              feedbackLeft: 5,
              forecast: { tokens: 100, costUSD: '0.10' },
            },
          },
        }),
      ),
      ...['b', 'a', 'a'].map((digit, i) =>
        withArgs(
          'patch',
          'objective',
          'a',
          '--type',
          'json',
          '--field-manager=darkcarnival-approval',
          '-p',
          `[{"op":"add","path":"/spec/intervention","value":{"requestID":"request-1","planHash":"sha256:${digit.repeat(64)}","decision":"${i === 2 ? 'Abort' : 'Approve'}","decidedBy":"ada"}}]`,
        ),
      ),
    ],
  },
  {
    name: 'kubectl label and annotate',
    steps: [
      given(THING, thing('a')),
      kubectl('label thing a x=y'),
      kubectl('label thing a x=y'),
      kubectl('label thing a x=z'),
      kubectl('label thing a x=z --overwrite'),
      kubectl('label thing a x-'),
      kubectl('annotate thing a note=hello'),
      kubectl('annotate thing a note-'),
      kubectl('label thing a bad!=y'),
      given(CONFIG_MAP, configMap('c')),
      kubectl('label configmap c x=y'),
      kubectl('annotate configmap c note=hello'),
    ],
  },
  {
    name: 'kubectl wait',
    steps: [
      given(THING, thing('a')),
      prepare(merge(`${THING}/a/status`, READY)),
      kubectl('wait thing/a --for=condition=Ready --timeout=5s'),
      kubectl('wait thing/a --for=jsonpath={.status.phase}=Ready --timeout=5s'),
      kubectl('wait thing/a --for=condition=Other --timeout=1s'),
      kubectl('wait thing/nope --for=condition=Ready --timeout=1s'),
      { ...kubectl('delete thing a --wait=false'), quiet: true },
      kubectl('wait thing/a --for=delete --timeout=5s'),
    ],
  },
  {
    name: 'kubectl explain',
    steps: [
      kubectl('explain objective'),
      kubectl('explain objective.spec.debate'),
      kubectl('explain objective.spec.intervention.decision'),
      kubectl('explain wagon.spec'),
      kubectl('explain thing.spec --recursive'),
      kubectl('explain configmap'),
      kubectl('explain configmap.metadata.labels'),
      kubectl('explain secret.data'),
      kubectl('explain lease.spec'),
      kubectl('explain event.involvedObject'),
      kubectl('explain namespace.status'),
      kubectl('explain crd.spec.names'),
      kubectl('explain objective.spec.nope'),
      kubectl('explain nope'),
    ],
  },
  {
    name: 'kubectl api-resources of our groups, and whoami',
    steps: [
      kubectl('api-resources --api-group=darkcarnival.dev'),
      kubectl('api-resources --api-group=darkcarnival.dev -o wide'),
      kubectl('api-resources --api-group=conformance.darkcarnival.dev'),
      kubectl('api-resources --api-group=coordination.k8s.io --no-headers'),
      kubectl('auth can-i create objectives'),
      kubectl('auth can-i get objectives --subresource=log'),
      kubectl('auth can-i nope nothings'),
      kubectl('auth whoami -o name'),
    ],
  },
  {
    name: 'kubectl get events',
    steps: [
      given(EVENT, event('a')),
      given(EVENT, { ...event('b'), type: 'Normal', reason: 'Ready', lastTimestamp: '2020-01-05T00:00:00Z' }),
      kubectl('get events'),
      kubectl('get events -o wide'),
      kubectl('get events --field-selector=type=Normal'),
      kubectl('get events --sort-by=.lastTimestamp'),
      kubectl('events'),
      kubectl('events --types=Warning'),
    ],
  },
  {
    name: 'kubectl diff and get --raw',
    steps: [
      given(THING, thing('a')),
      kubectl('get --raw /apis/conformance.darkcarnival.dev/v1'),
      kubectl('get --raw /healthz'),
      kubectl('get --raw /nowhere'),
    ],
  },
  {
    name: 'kubectl edit, and apply of several objects',
    steps: [
      given(THING, thing('a')),
      kubectl('edit thing a'),
      kubectl('edit thing a'),
      kubectl('edit thing nope'),
      applyStdin({ apiVersion: 'v1', kind: 'List', items: [thing('a', { count: 4 }), configMap('c'), thing('z')] }),
      kubectl('delete -f - --ignore-not-found', {
        apiVersion: 'v1',
        kind: 'List',
        items: [thing('a'), configMap('c')],
      }),
    ],
  },
];
