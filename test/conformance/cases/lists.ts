import type { Case } from '../case.ts';
import { CONFIG_MAP, configMap, get, given, merge, prepare, THING, thing } from './bodies.ts';

const three = [
  given(THING, thing('a', { mode: 'Fast' }, { labels: { tier: 'one', env: 'dev' } })),
  given(THING, thing('b', { mode: 'Slow' }, { labels: { tier: 'two' } })),
  given(THING, thing('c', { mode: 'Fast' }, { labels: { env: 'prod' } })),
];
const select = (labels: string) => get(`${THING}?labelSelector=${encodeURIComponent(labels)}`);
const fields = (path: string, selector: string) => get(`${path}?fieldSelector=${encodeURIComponent(selector)}`);

export const LIST_CASES: Case[] = [
  {
    name: 'list of nothing, of one kind, of a namespace that is not there',
    steps: [
      get(THING),
      get(CONFIG_MAP.replace('{ns}', 'no-such-namespace')),
      get(`${CONFIG_MAP}?labelSelector=none%3Dhere`),
    ],
  },
  {
    name: 'list is sorted by name',
    steps: [given(THING, thing('b')), given(THING, thing('a')), given(THING, thing('a-1')), get(THING)],
  },
  {
    name: 'label selectors: equality, sets, existence',
    steps: [
      ...three,
      select('tier=one'),
      select('tier==one,env=dev'),
      select('tier!=one'),
      select('tier in (one,two)'),
      select('tier notin (one)'),
      select('tier'),
      select('!tier'),
      select('env in (prod),tier notin (x)'),
    ],
  },
  {
    name: 'label selectors that are none answer 400',
    steps: [select('tier in'), select('bad key!=x'), select('a=b=c'), select('tier>1')],
  },
  {
    name: 'field selectors: name, namespace, selectable fields of a CRD',
    steps: [
      ...three,
      fields(THING, 'metadata.name=b'),
      fields(THING, 'metadata.name!=b'),
      fields(THING, 'metadata.namespace={ns}'),
      fields(THING, 'spec.mode=Slow'),
      fields(THING, 'spec.mode=Fast,metadata.name!=a'),
      fields(THING, 'status.phase='),
      fields(THING, 'spec.count=1'),
      fields(THING, 'nonsense'),
    ],
  },
  {
    name: 'field selectors of built-in kinds',
    steps: [
      given(CONFIG_MAP, configMap('a')),
      fields(CONFIG_MAP, 'metadata.name=a'),
      fields(CONFIG_MAP, 'data.a=1'),
      fields('/api/v1/namespaces', 'metadata.name={ns},status.phase=Active'),
      fields('/api/v1/namespaces', 'status.phase=Terminating'),
    ],
  },
  {
    name: 'limit and continue walk through one snapshot',
    steps: [
      ...three,
      { method: 'GET', path: `${THING}?limit=2`, save: 'page' },
      given(THING, thing('bb')),
      { method: 'GET', path: `${THING}?limit=2&continue={page:metadata.continue}` },
      { method: 'GET', path: `${THING}?limit=10` },
      { method: 'GET', path: `${THING}?limit=1&labelSelector=tier` },
    ],
  },
  {
    name: 'limit and continue that are none answer 400',
    steps: [
      get(`${THING}?limit=x`),
      get(`${THING}?limit=-1`),
      get(`${THING}?limit=1&continue=nonsense`),
      get(`${THING}?continue=nonsense`),
    ],
  },
  {
    name: 'limit and continue with other parameters, and tokens that are wrong',
    steps: [
      ...three,
      { method: 'GET', path: `${THING}?limit=1`, save: 'p' },
      get(`${THING}?limit=1&continue={p:metadata.continue}&resourceVersion=1`),
      get(`${THING}?limit=1&continue={p:metadata.continue}&resourceVersion=0`),
      get(`${THING}?limit=1&continue={p:metadata.continue}&resourceVersionMatch=Exact`),
      get(`${THING}?limit=1&continue={p:metadata.continue}&fieldSelector=metadata.name%3Dc`),
      get(`${THING}?continue={p:metadata.continue}`),
      get(`${CONFIG_MAP}?continue={p:metadata.continue}`),
      ...['limit=0', 'limit=', 'limit=1.5', 'limit=99999999999999999999', 'limit=2&resourceVersion=0', 'continue='].map(
        (query) => get(`${THING}?${query}`),
      ),
      get(`${THING}?limit=2&fieldSelector=metadata.name%3Db`),
      get(`${THING}?limit=1&watch=false&pretty=true&nonsense=1`),
      get(`${THING}?resourceVersion=-1`),
      get(`${THING}?resourceVersion=0&resourceVersionMatch=Exact`),
      ...[
        { v: 'meta.k8s.io/v1', rv: 0, start: 'x' },
        { v: 'meta.k8s.io/v9', rv: 5, start: 'x' },
        { v: 'meta.k8s.io/v1', rv: 5, start: '../../etc' },
        { v: 'meta.k8s.io/v1', rv: 5, start: '' },
      ].map((token) => get(`${THING}?continue=${Buffer.from(JSON.stringify(token)).toString('base64url')}`)),
    ],
  },
  {
    name: 'list at a resourceVersion',
    steps: [
      given(THING, thing('a'), 'made'),
      get(`${THING}?resourceVersion=0`),
      get(`${THING}?resourceVersion={made:metadata.resourceVersion}&resourceVersionMatch=NotOlderThan`),
      prepare(merge(`${THING}/a`, { spec: { count: 2 } })),
      get(`${THING}?resourceVersion={made:metadata.resourceVersion}&resourceVersionMatch=Exact`),
      get(`${THING}?resourceVersion=1000000000`),
      get(`${THING}?resourceVersion=nonsense`),
      get(`${THING}?resourceVersionMatch=Exact`),
      get(`${THING}?resourceVersion=1&resourceVersionMatch=Nope`),
    ],
  },
  {
    name: 'get at a resourceVersion',
    steps: [
      given(THING, thing('a'), 'made'),
      // From the real server's cache, which is a moment behind.
      { ...get(`${THING}/a?resourceVersion=0`), until: { status: 200 } },
      get(`${THING}/a?resourceVersion={made:metadata.resourceVersion}`),
    ],
  },
  {
    name: 'list across namespaces',
    steps: [
      given(THING, thing('a', {}, { labels: { run: '{ns}' } })),
      given(CONFIG_MAP, configMap('a', {}, { labels: { run: '{ns}' } })),
      get('/apis/conformance.darkcarnival.dev/v1/things?labelSelector=run%3D{ns}'),
      get('/api/v1/configmaps?labelSelector=run%3D{ns}'),
    ],
  },
];
