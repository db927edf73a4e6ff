import type { Case, RequestStep } from '../case.ts';
import {
  CONFIG_MAP,
  CRDS,
  configMap,
  get,
  given,
  JSON_PATCH,
  MERGE,
  NAMESPACES,
  prepare,
  THING,
  thing,
} from './bodies.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const THINGS_DOCUMENT = '/openapi/v3/apis/conformance.darkcarnival.dev/v1';
const CACHE_HEADERS = ['etag', 'cache-control', 'vary', 'location', 'expires'];
const withHeaders = (step: RequestStep): RequestStep => ({ ...step, compareHeaders: CACHE_HEADERS, withoutBody: true });
const raw = (method: RequestStep['method'], path: string): RequestStep => ({ method, path });
const MEDIA_TYPES = [
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'application/json;foo=bar',
  'text/json',
  'application/cbor',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  '',
  ';',
  'application/',
];

/** What says what is served, how it may be cached, and what is not served. */
export const DOCUMENT_CASES: Case[] = [
  {
    name: 'OpenAPI documents have an ETag, and answer 304 to who has them',
    steps: [
      { ...withHeaders(get(THINGS_DOCUMENT)), saveHeaders: 'document' },
      withHeaders(get(THINGS_DOCUMENT, { 'if-none-match': '{document:etag}' })),
      withHeaders(get(THINGS_DOCUMENT, { 'if-none-match': '"another"' })),
      withHeaders(get(`${THINGS_DOCUMENT}?hash=another`)),
      withHeaders(raw('HEAD', THINGS_DOCUMENT)),
    ],
  },
  {
    name: 'OpenAPI documents lie at addresses with their hash, which change with the kind',
    steps: [
      given(CRDS, {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'gadgets.{ns}.example.com' },
        spec: {
          group: '{ns}.example.com',
          scope: 'Namespaced',
          names: { plural: 'gadgets', kind: 'Gadget' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
            },
          ],
        },
      }),
      { ...prepare(get('/openapi/v3/apis/{ns}.example.com/v1')), until: { status: 200 }, saveHeaders: 'first' },
      withHeaders(get('/openapi/v3/apis/{ns}.example.com/v1', { 'if-none-match': '{first:etag}' })),
      prepare({
        method: 'PATCH',
        path: `${CRDS}/gadgets.{ns}.example.com`,
        headers: JSON_PATCH,
        body: [
          {
            op: 'add',
            path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties',
            value: { size: { type: 'integer' } },
          },
        ],
      }),
      {
        ...withHeaders(get('/openapi/v3/apis/{ns}.example.com/v1', { 'if-none-match': '{first:etag}' })),
        until: { status: 200 },
      },
      prepare({ method: 'DELETE', path: `${CRDS}/gadgets.{ns}.example.com` }),
      { ...prepare(get('/openapi/v3/apis/{ns}.example.com/v1')), until: { status: 404 } },
    ],
  },
  {
    name: 'discovery, aggregated and plain, of what can be accepted',
    steps: [
      { ...get('/apis', { accept: AGGREGATED }), quiet: true, saveHeaders: 'groups' },
      withHeaders(get('/apis', { accept: AGGREGATED, 'if-none-match': '{groups:etag}' })),
      { ...get('/api', { accept: AGGREGATED }), quiet: true, saveHeaders: 'core' },
      withHeaders(get('/api', { accept: AGGREGATED, 'if-none-match': '{core:etag}' })),
      get('/apis/conformance.darkcarnival.dev', { accept: AGGREGATED }),
      get('/apis/conformance.darkcarnival.dev', { accept: `${AGGREGATED},application/json` }),
      get('/apis', { accept: 'application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList' }),
      get('/apis', { accept: 'text/html' }),
      withHeaders(get('/apis/conformance.darkcarnival.dev/v1')),
    ],
  },
  {
    name: 'HEAD answers as a GET without its body, for custom resources',
    steps: [
      given(THING, thing('a')),
      { ...raw('HEAD', `${THING}/a`), compareHeaders: ['content-type', 'cache-control'] },
      raw('HEAD', `${THING}/nope`),
      raw('HEAD', THING),
      raw('HEAD', `${CONFIG_MAP}/nope`),
      raw('OPTIONS', THING),
      raw('OPTIONS', `${THING}/a`),
      raw('OPTIONS', CONFIG_MAP),
      raw('PUT', `${THING}/a/scale`),
      raw('DELETE', NAMESPACES),
      raw('PATCH', NAMESPACES),
      raw('POST', '/api'),
    ],
  },
  {
    name: 'paths that only look like those that are served answer 404',
    steps: [
      get(`${NAMESPACES}/{ns}/namespaces`),
      get(`${NAMESPACES}/{ns}/things`),
      get(`${CONFIG_MAP}/a/status`),
      get(`${CONFIG_MAP}/a/b/c`),
      raw('POST', `${CONFIG_MAP}/a/status`),
      get('/api/v2'),
      get('//api/v1'),
      get('/apis/v1'),
      get('/metrics/nope'),
      get('/readyz/nope'),
      get('/openapi/v3/nope'),
      get('/openapi/v4'),
      get(`${CONFIG_MAP}/`),
      get(`${THING}/`),
      prepare(get('/api/')),
      prepare(get('/apis/')),
    ],
  },
  {
    name: 'bodies of odd media types',
    steps: [
      given(THING, thing('a')),
      given(CONFIG_MAP, configMap('a')),
      ...MEDIA_TYPES.flatMap((type): RequestStep[] => {
        const headers = { 'content-type': type };
        return [
          { method: 'POST', path: `${THING}?dryRun=All`, text: JSON.stringify(thing('m')), headers },
          { method: 'PUT', path: `${CONFIG_MAP}/nope?dryRun=All`, text: JSON.stringify(configMap('nope')), headers },
          { method: 'PATCH', path: `${THING}/a?dryRun=All`, text: '{}', headers },
          { method: 'PATCH', path: `${CONFIG_MAP}/a?dryRun=All`, text: '{}', headers },
          { method: 'DELETE', path: `${CONFIG_MAP}/nope`, text: '{}', headers },
        ];
      }),
      {
        method: 'PATCH',
        path: `${THING}/a`,
        text: '{}',
        headers: { 'content-type': `${MERGE['content-type']}; charset=utf-8` },
      },
      {
        method: 'PUT',
        path: `${CONFIG_MAP}/a`,
        text: '{}',
        headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
      },
    ],
  },
  {
    name: 'answers in odd media types',
    steps: [
      '',
      'application/json;q=0.5, text/html',
      'application/json;pretty=1',
      'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
      'application/json;as=Table;g=meta.k8s.io;v=v1, application/json;q=0.9',
    ].flatMap((accept) => [get(THING, { accept }), get(CONFIG_MAP, { accept })]),
  },
];
