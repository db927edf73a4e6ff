import type { Case, RequestStep } from '../case.ts';
import {
  CONFIG_MAP,
  configMap,
  get,
  given,
  JSON_PATCH,
  MERGE,
  merge,
  post,
  SECRET,
  secret,
  strategic,
  THING,
  thing,
} from './bodies.ts';

const MiB = 1024 * 1024;

const everywhere = (accept: string): RequestStep[] => [
  get(`${THING}/a`, { accept }),
  get(`${CONFIG_MAP}/a`, { accept }),
  get(CONFIG_MAP, { accept }),
  get('/api', { accept }),
  { method: 'PATCH', path: `${CONFIG_MAP}/a`, body: {}, headers: { ...MERGE, accept } },
];

/** What hardly any client sends. */
export const RARITY_CASES: Case[] = [
  {
    name: 'objects of more than the limit of a message between server and store are refused',
    steps: [
      post(THING, thing('big', { any: { text: 'x'.repeat(2.2 * MiB) } })),
      post(CONFIG_MAP, configMap('big', { a: 'x'.repeat(2.2 * MiB) })),
      post(SECRET, { ...secret('big'), stringData: { a: 'x'.repeat(1.7 * MiB) } }),
      given(THING, thing('a')),
      merge(`${THING}/a`, { spec: { any: { text: 'x'.repeat(2.2 * MiB) } } }),
      get(`${THING}/a`),
    ],
  },
  {
    name: 'a patch that takes kind or version away, of what is built in and what is not',
    steps: [
      given(CONFIG_MAP, configMap('a')),
      given(THING, thing('a')),
      merge(`${CONFIG_MAP}/a`, { apiVersion: null }),
      merge(`${CONFIG_MAP}/a`, { kind: null }),
      merge(`${CONFIG_MAP}/a`, { apiVersion: null, kind: null, data: { b: '2' } }),
      strategic(`${CONFIG_MAP}/a`, { apiVersion: null }),
      strategic(`${CONFIG_MAP}/a`, { kind: null, data: { c: '3' } }),
      { method: 'PATCH', path: `${CONFIG_MAP}/a`, body: [{ op: 'remove', path: '/apiVersion' }], headers: JSON_PATCH },
      { method: 'PATCH', path: `${CONFIG_MAP}/a`, body: [{ op: 'remove', path: '/kind' }], headers: JSON_PATCH },
      merge(`${THING}/a`, { apiVersion: null }),
      merge(`${THING}/a`, { kind: null }),
      { method: 'PATCH', path: `${THING}/a`, body: [{ op: 'remove', path: '/apiVersion' }], headers: JSON_PATCH },
      get(`${CONFIG_MAP}/a`),
    ],
  },
  {
    name: 'ranges that are accepted, of what is built in and what is not',
    steps: [
      given(CONFIG_MAP, configMap('a')),
      given(THING, thing('a')),
      ...['*/*', 'text/*', '*/json'].flatMap(everywhere),
    ],
  },
  {
    name: 'the range of all applications, of what is built in and what is not',
    steps: [given(CONFIG_MAP, configMap('a')), given(THING, thing('a')), ...everywhere('application/*')],
  },
];
