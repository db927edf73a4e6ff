import type { Case } from '../../case.ts';
import { configMap, given, OBJECTIVE, objective, WAGON } from '../bodies.ts';
import { kubectl, kubectlEach, wagon } from './given.ts';

/** Commands that are refused, by the server or because of what it says. */
export const WRONG: Case[] = [
  {
    name: 'kubectl matrix: what is wrong is told in the same words',
    steps: [
      given(OBJECTIVE, objective('a')),
      given(WAGON, wagon('w')),
      ...kubectlEach('get', [
        'nothings',
        'nothings.darkcarnival.dev',
        'objectives.v9.darkcarnival.dev',
        'objectives.v1alpha1.darkcarnival.dev',
        'objectives.nope.example.com',
        'all',
        'conformance',
        'objective a --subresource=scale',
        '--raw /nope -o yaml',
        'objectives --limit=1',
      ]),
      kubectl('apply -f -', { stdin: objective('a', { directive: '' }) }),
      kubectl('apply -f -', { stdin: objective('Bad_Name') }),
      kubectl('apply -f -', { stdin: { ...(objective('v') as object), apiVersion: 'darkcarnival.dev/v9' } }),
      kubectl('apply -f -', { stdin: { ...(objective('k') as object), kind: 'Nope' } }),
      kubectl('apply -f -', { stdin: { kind: 'Objective', metadata: { name: 'x' } } }),
      kubectl('apply -f -', { stdin: objective('n', {}, { namespace: 'another' }) }),
      kubectl('apply -f -', { stdin: configMap('c', { a: 1 }) }),
      kubectl('apply -f -', { stdin: '' }),
      kubectl('create -f -', { stdin: { ...(wagon('bad') as object), spec: { nodeID: 'x' } } }),
      kubectl('create -f - --validate=strict', { stdin: objective('s', { nope: 1, debate: { nope: 2 } }) }),
      kubectl('create -f - --validate=warn', { stdin: objective('s', { nope: 1, debate: { nope: 2 } }) }),
      kubectl('create -f - --validate=ignore', { stdin: objective('i', { nope: 1 }) }),
      kubectl('get objective a --token=wrong'),
      kubectl('get objective a --as=somebody'),
      kubectl('get objectives -n nowhere'),
      kubectl('apply -n nowhere -f -', { stdin: configMap('c') }),
      kubectl('scale objective a --replicas=2'),
      kubectl('logs a'),
      kubectl('rollout status objective/a'),
    ],
  },
];
