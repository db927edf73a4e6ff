import type { Case } from '../case.ts';
import { CONFIG_MAP, configMap, get, given, post, THING, thing } from './bodies.ts';

export const ERROR_CASES: Case[] = [
  {
    name: 'paths that are not served answer 404',
    steps: [
      get('/apis/conformance.darkcarnival.dev/v1/namespaces/{ns}/nothings'),
      get('/apis/conformance.darkcarnival.dev/v9/namespaces/{ns}/things'),
      get('/apis/nope.example.com/v1/things'),
      get('/api/v1/namespaces/{ns}/nothings'),
      get('/nowhere'),
      get('/apis/conformance.darkcarnival.dev/v1/namespaces/{ns}/things/a/b/c'),
    ],
  },
  {
    name: 'methods that are not allowed answer 405',
    steps: [
      { method: 'POST', path: `${THING}/a`, body: thing('a') },
      { method: 'PUT', path: THING, body: thing('a') },
      { method: 'PATCH', path: THING, body: {}, headers: { 'content-type': 'application/merge-patch+json' } },
      { method: 'POST', path: `${CONFIG_MAP}/a`, body: configMap('a') },
      { method: 'PUT', path: CONFIG_MAP, body: configMap('a') },
      { method: 'POST', path: '/api/v1/configmaps', body: configMap('a') },
      { method: 'POST', path: '/apis/conformance.darkcarnival.dev/v1/things', body: thing('a') },
    ],
  },
  {
    name: 'bodies that are not JSON, or not an object, answer 400',
    steps: [
      { method: 'POST', path: THING, text: '{"kind":' },
      { method: 'POST', path: THING, text: '[]' },
      { method: 'POST', path: THING, text: '' },
      { method: 'POST', path: CONFIG_MAP, text: '{"kind":' },
      { method: 'POST', path: CONFIG_MAP, text: '' },
      { method: 'POST', path: CONFIG_MAP, text: '"text"' },
    ],
  },
  {
    name: 'a body of another content type answers 415',
    steps: [
      { method: 'POST', path: THING, text: '<x/>', headers: { 'content-type': 'application/xml' } },
      { method: 'POST', path: CONFIG_MAP, text: '<x/>', headers: { 'content-type': 'text/plain' } },
    ],
  },
  {
    name: 'yaml bodies are taken',
    steps: [
      {
        method: 'POST',
        path: THING,
        text: 'apiVersion: conformance.darkcarnival.dev/v1\nkind: Thing\nmetadata: {name: a}\nspec: {name: one, count: 3}\n',
        headers: { 'content-type': 'application/yaml' },
      },
      {
        method: 'POST',
        path: CONFIG_MAP,
        text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "1"}\n',
        headers: { 'content-type': 'application/yaml' },
      },
      get(`${CONFIG_MAP}/a`, { accept: 'application/yaml' }),
    ],
  },
  {
    name: 'a wrong token answers 401',
    steps: [
      get(THING, { authorization: 'Bearer wrong' }),
      get('/version', { authorization: 'Bearer wrong' }),
      get('/api', { authorization: 'Bearer wrong' }),
    ],
  },
  {
    name: 'query parameters that are none answer 400',
    steps: [
      get(`${THING}?timeoutSeconds=soon`),
      post(`${THING}?fieldManager=${'x'.repeat(129)}`, thing('a')),
      post(`${THING}?dryRun=`, thing('b')),
      given(THING, thing('c')),
      { method: 'DELETE', path: `${THING}/c?propagationPolicy=Nope` },
      { method: 'DELETE', path: `${THING}/c?gracePeriodSeconds=-1` },
    ],
  },
  {
    name: 'a body that is too large answers 413',
    steps: [
      {
        method: 'POST',
        path: CONFIG_MAP,
        text: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"${'x'.repeat(4_000_000)}"}}`,
      },
      post(CONFIG_MAP, configMap('a', { a: 'x'.repeat(1_100_000) })),
    ],
  },
];
