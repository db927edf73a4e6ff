import type { Case } from '../../case.ts';
import { configMap, given, objective, THING, thing } from '../bodies.ts';
import { builtIn, kubectl, kubectlEach, lease, list, ours, provider, secret, wagon } from './given.ts';

const NOT_JSON = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n   data: x\n';
const YAML = `apiVersion: darkcarnival.dev/v1alpha1
kind: Objective
metadata:
  name: y
spec:
  # What it is for.
  directive: |
    Plan a tide chart
    for a small harbour
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: y
data:
  a: "1"
`;

/** Commands that write: applying, creating, changing. */
export const WRITING: Case[] = [
  {
    name: 'kubectl matrix: apply of each kind is created, unchanged, configured',
    steps: [
      ...[objective('a'), wagon('w'), provider('p'), configMap('c'), secret('s'), lease('l')].flatMap((stdin) => [
        kubectl('apply -f -', { stdin }),
        kubectl('apply -f -', { stdin }),
      ]),
      kubectl('apply -f -', { stdin: objective('a', { desiredState: 'Paused' }) }),
      kubectl('apply -f -', { stdin: wagon('w', 8100, { zone: 'a' }) }),
      kubectl('apply -f -', { stdin: wagon('w') }),
      kubectl('apply -f -', { stdin: configMap('c', { b: '2' }) }),
      kubectl('apply -f -', { stdin: secret('s', { token: 'xyz' }) }),
      kubectl('get configmap c -o yaml'),
      kubectl('get wagon w -o yaml'),
      kubectl('apply view-last-applied configmap c'),
      kubectl('apply view-last-applied wagon w -o json'),
    ],
  },
  {
    name: 'kubectl matrix: apply of files, folders and YAML with several documents',
    steps: [
      kubectl('apply -f y.yaml', { files: { 'y.yaml': YAML } }),
      kubectl('apply -f y.yaml'),
      kubectl('get objective y -o yaml'),
      kubectl('apply -f dir', {
        files: { 'dir/a.json': objective('a'), 'dir/b.yaml': YAML, 'dir/notes.txt': 'x', 'dir/sub/c.json': wagon('w') },
      }),
      kubectl('apply -f dir -R'),
      kubectl('apply -f y.yaml -f dir/a.json'),
      kubectl('apply -f y.yaml -o name'),
      kubectl('apply -f y.yaml -o yaml'),
      kubectl('apply -f empty', { files: { 'empty/notes.txt': 'x' } }),
      kubectl('apply -f nowhere'),
      kubectl('apply -f bad.yaml', { files: { 'bad.yaml': NOT_JSON } }),
      kubectl('apply -f mixed.json', { files: { 'mixed.json': list(configMap('m'), thing('m', { mode: 'Nope' })) } }),
      kubectl('get configmap m -o name'),
      kubectl('delete -f dir -R'),
      kubectl('delete -f y.yaml'),
    ],
  },
  {
    name: 'kubectl matrix: apply as a dry run, and diff',
    steps: [
      kubectl('apply -f -', { stdin: thing('a') }),
      ...['client', 'server'].flatMap((where) => [
        kubectl(`apply --dry-run=${where} -f -`, { stdin: thing('a', { count: 5 }) }),
        kubectl(`apply --dry-run=${where} -f - -o yaml`, { stdin: thing('a', { count: 5 }) }),
        kubectl(`apply --dry-run=${where} -f -`, { stdin: thing('a', { mode: 'Nope' }) }),
        kubectl(`apply --dry-run=${where} -f -`, { stdin: configMap('new') }),
        kubectl(`create --dry-run=${where} -f -`, { stdin: thing('a') }),
        kubectl(`delete thing a --dry-run=${where}`),
        kubectl(`label thing a x=y --dry-run=${where}`),
        kubectl(`patch thing a --type=merge -p {"spec":{"count":6}} --dry-run=${where}`),
      ]),
      kubectl('diff -f -', { stdin: thing('a') }),
      kubectl('diff -f -', { stdin: thing('a', { count: 5 }) }),
      kubectl('diff -f -', { stdin: configMap('new') }),
      kubectl('diff -f -', { stdin: thing('a', { mode: 'Nope' }) }),
      kubectl('get thing a -o jsonpath={.spec}'),
    ],
  },
  {
    name: 'kubectl matrix: apply --prune takes away what is no longer applied',
    steps: [
      kubectl('apply -f -', {
        stdin: list(configMap('a', {}, { labels: { app: 'x' } }), configMap('b', {}, { labels: { app: 'x' } })),
      }),
      kubectl('apply --prune -l app=x --prune-allowlist=core/v1/ConfigMap -f -', {
        stdin: list(configMap('a', {}, { labels: { app: 'x' } })),
      }),
      kubectl('get configmaps -l app=x -o name'),
    ],
  },
  {
    name: 'kubectl matrix: create from files and from flags',
    steps: [
      kubectl('create -f -', { stdin: objective('a') }),
      kubectl('create -f -', { stdin: objective('a') }),
      kubectl('create -f - -o jsonpath={.metadata.generateName}', {
        stdin: { ...(thing('x') as object), metadata: { generateName: 'x-' } },
      }),
      kubectl('create -f - --save-config -o yaml', { stdin: wagon('w') }),
      ...kubectlEach('create configmap', [
        'c1 --from-literal=a=1 --from-literal=b=2',
        'c1',
        'c2 --from-literal=a',
        'Bad_Name',
        'c5 --from-literal=a=1 --dry-run=client -o yaml',
      ]),
      kubectl('create configmap c3 --from-file=conf', { files: { 'conf/a.txt': 'one\n', 'conf/b.txt': 'two\n' } }),
      kubectl('create cm c4 --from-env-file=env', { files: { env: 'A=1\nB=2\n' } }),
      kubectl('get configmaps -l nope!=x -o yaml'),
      ...kubectlEach('create secret', [
        'generic s1 --from-literal=token=abc',
        'generic s2 --type=example.com/x --from-literal=a=1',
        'generic s1',
        'docker-registry s3 --docker-server=r.example.com --docker-username=u --docker-password=p',
        'nope',
      ]),
      kubectl('get secrets -o yaml'),
      kubectl('create namespace {ns}-more'),
      kubectl('create namespace {ns}-more'),
      kubectl('delete namespace {ns}-more --wait=false'),
      kubectl('create objective a'),
      kubectl('create'),
    ],
  },
  {
    name: 'kubectl matrix: edit changes, cancels, is refused, and of several objects',
    steps: [
      ...ours,
      kubectl('edit objective a', { editor: 'perl -pi -e s/tide.chart/moon\\ chart/' }),
      kubectl('edit wagon w1', { editor: 'perl -pi -e s/8101/8111/' }),
      kubectl('get wagon w1 -o jsonpath={.spec}'),
      kubectl('edit wagon w1', { editor: 'true' }),
      kubectl('edit wagon w1', { editor: 'false' }),
      kubectl('edit wagon nope', { editor: 'true' }),
      kubectl('edit wagon w1 -o json', { editor: 'perl -pi -e s/8111/8112/' }),
      kubectl('edit wagons', { editor: 'perl -pi -e s/port:.81/port:\\ 82/' }),
      ...builtIn,
      kubectl('edit configmap c', { editor: "perl -pi -e s/a:.*/a:\\ '2'/" }),
      kubectl('get configmap c -o jsonpath={.data.a}'),
    ],
  },
  {
    name: 'kubectl matrix: patch of each type, of several objects and of the status',
    steps: [
      ...ours,
      ...builtIn,
      ...kubectlEach('patch', [
        'configmap c -p {"data":{"b":"2"}}',
        'configmap c --type=strategic -p {"data":{"b":null}}',
        'configmap c --type=merge -p {"data":{"a":null,"d":"4"}}',
        'configmap c --type=json -p [{"op":"test","path":"/data/d","value":"5"}]',
        'configmap c --type=json -p [{"op":"remove","path":"/data/d"}]',
        'configmap c -p data:\\n',
        'configmap c -p {"data":{"b":2}}',
        'secret s -p {"stringData":{"x":"y"}}',
        'namespace {ns} -p {"metadata":{"labels":{"k":"v"}}}',
        'wagon w1 --type=merge -p {"spec":{"maxConcurrentJobs":3}} -o yaml',
        'wagon w1 --type=merge -p {"spec":{"nope":1}}',
        'wagon w1 --type=merge -p {"spec":{"nodeID":"OTHER"}}',
        'wagon w1 --type=merge -p {"metadata":{"name":"w3"}}',
        'wagon w1 --type=json -p [{"op":"add","path":"/metadata/labels/a~1b","value":"c"}]',
        'wagon w1 --type=nope -p {}',
        'wagon w1 --type=merge -p {',
        'wagon w1',
        'wagon nope --type=merge -p {"spec":{}}',
        'wagons w1 w2 --type=merge -p {"spec":{"maxConcurrentJobs":5}}',
        'wagon w1 --subresource=status --type=merge -p {"status":{"phase":"Ready"}}',
        'wagon w1 --subresource=status --type=merge -p {"status":{"phase":"Nope"}}',
        'wagon w1 --subresource=scale --type=merge -p {"spec":{}}',
      ]),
      kubectl('patch -f w.json --type=merge --patch-file p.json', {
        files: { 'w.json': wagon('w2', 8102), 'p.json': { metadata: { annotations: { a: 'b' } } } },
      }),
      kubectl('get wagons -o yaml'),
    ],
  },
  {
    name: 'kubectl matrix: replace',
    steps: [
      given(THING, thing('a')),
      kubectl('replace -f -', { stdin: thing('a', { count: 4 }) }),
      kubectl('replace -f -', { stdin: thing('gone') }),
      kubectl('replace -f -', { stdin: thing('a', { count: 4000 }) }),
      kubectl('replace -f -', { stdin: thing('a', { count: 4 }, { resourceVersion: '1' }) }),
      kubectl('replace --force -f -', { stdin: thing('a', { count: 6 }) }),
      kubectl('replace --force -f -', { stdin: configMap('fresh') }),
      kubectl('replace --raw /api/v1/namespaces/{ns}/configmaps/fresh -f c.json', {
        files: { 'c.json': configMap('fresh', { z: '1' }) },
      }),
      kubectl('get thing a -o jsonpath={.spec.count}'),
    ],
  },
  {
    name: 'kubectl matrix: delete in each way',
    steps: [
      ...ours,
      ...builtIn,
      given(THING, thing('held', {}, { finalizers: ['example.com/hold'], labels: { k: 'v' } })),
      given(THING, thing('free', {}, { labels: { k: 'v' } })),
      ...kubectlEach('delete', [
        'objective a --cascade=orphan',
        'objective nope',
        'objective nope --ignore-not-found',
        'objectives b nope',
        'wagon/w1 configmap/c',
        'wagons -l zone=nope',
        'wagons --field-selector=metadata.name=w2',
        'wagons --all',
        'secrets --all',
        'lease l -o name',
        'event e --now',
        'modelprovider p --grace-period=0 --force',
        'things -l k=v --wait=false',
        'thing held --timeout=1s',
        'things --all -l k=v',
        'things',
        'thing a --cascade=nope',
        'nothings a',
        'namespace {ns}-none',
      ]),
      kubectl('delete -f -', { stdin: list(thing('held'), configMap('none')) }),
      kubectl('get things -o jsonpath={.items[*].metadata.deletionGracePeriodSeconds}'),
      { ...kubectl('patch thing held --type=merge -p {"metadata":{"finalizers":null}}'), quiet: true },
      kubectl('wait thing held --for=delete --timeout=5s'),
    ],
  },
  {
    name: 'kubectl matrix: label and annotate',
    steps: [
      ...ours,
      ...builtIn,
      ...['label', 'annotate'].flatMap((verb) => [
        ...kubectlEach(verb, [
          'objective a one=1 two=2',
          'objective a one=1',
          'objective a one=2',
          'objective a one=2 --overwrite',
          'objective a one=2 --overwrite -o yaml',
          'objective a one-',
          'objective a absent-',
          'objectives --all all=yes',
          'objectives -l show=moon sel=x',
          'objective a bad/key/x=y',
          'objective a two=3 --overwrite --resource-version=1',
          'objective nope a=b',
          'configmap/c --list',
          'configmap/c secret/s many=1',
          'objective a',
          'namespace {ns} n=1',
        ]),
        kubectl(`${verb} -f w.json file=1`, { files: { 'w.json': wagon('w1', 8101) } }),
      ]),
      kubectl("label objective a bad='not a value!'"),
      kubectl("annotate objective a text='any value!'"),
      kubectl('get objectives --show-labels'),
    ],
  },
];
