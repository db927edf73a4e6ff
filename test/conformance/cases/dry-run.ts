import type { Case } from '../case.ts';
import {
  apply,
  CONFIG_MAP,
  configMap,
  deleteOptions,
  EVENT,
  get,
  given,
  happened,
  jsonPatch,
  LEASE,
  lease,
  merge,
  NAMESPACES,
  namespace,
  post,
  put,
  remove,
  strategic,
  THING,
  thing,
} from './bodies.ts';

const A = `${THING}/a`;
const DRY = 'dryRun=All';
const MADE = { resourceVersion: '{made:metadata.resourceVersion}' };
const list = { ...get(THING), save: 'before' };

/** Each verb as a dry run: it answers as if, keeps nothing, and takes no revision. */
export const DRY_RUN_CASES: Case[] = [
  {
    name: 'dry run: creates, replacements and patches',
    steps: [
      given(THING, thing('a', {}, { finalizers: ['conformance.darkcarnival.dev/x'] }), 'made'),
      given(CONFIG_MAP, configMap('c')),
      list,
      post(`${THING}?${DRY}`, { ...thing(''), metadata: { generateName: 'gen-' } }),
      post(`${THING}?${DRY}`, thing('a')),
      put(`${A}?${DRY}`, thing('a', { count: 9 }, MADE)),
      put(`${A}?${DRY}`, thing('a', { count: 9 }, { resourceVersion: '1' })),
      merge(`${A}?${DRY}`, { spec: { count: 8 } }),
      merge(`${A}/status?${DRY}`, { status: { phase: 'New' } }),
      jsonPatch(`${A}?${DRY}`, [{ op: 'add', path: '/spec/count', value: 7 }]),
      strategic(`${CONFIG_MAP}/c?${DRY}`, { data: { a: '9' } }),
      put(`${CONFIG_MAP}/c?${DRY}`, configMap('c', { a: '8' })),
      put(`${LEASE}/l?${DRY}`, lease('l')),
      get(`${LEASE}/l`),
      post(`${EVENT}?${DRY}`, happened('e')),
      get(`${EVENT}/e`),
      post(`${THING}?${DRY}&${DRY}`, thing('z')),
      post(`${THING}?${DRY}&dryRun=Nope`, thing('z')),
      get(THING),
      get(`${CONFIG_MAP}/c`),
    ],
  },
  {
    name: 'dry run: apply, of what is there, of what is not, of a status, in conflict',
    managedFields: true,
    steps: [
      given(`${THING}?fieldManager=one`, thing('a', { mode: 'Fast' })),
      apply(`${A}?${DRY}&fieldManager=two`, thing('a', { mode: 'Slow' })),
      apply(`${A}?${DRY}&fieldManager=two&force=true`, thing('a', { mode: 'Slow' })),
      apply(`${THING}/new?${DRY}&fieldManager=two`, thing('new')),
      apply(`${A}/status?${DRY}&fieldManager=two`, { ...thing('a'), status: { phase: 'New' } }),
      get(A),
      get(`${THING}/new`),
    ],
  },
  {
    name: 'dry run: deletions',
    steps: [
      given(THING, thing('a', {}, { finalizers: ['conformance.darkcarnival.dev/x'] })),
      given(THING, thing('b')),
      remove(`${A}?${DRY}`),
      remove(`${THING}/b?${DRY}`),
      remove(`${THING}/b`, deleteOptions({ dryRun: ['All'], propagationPolicy: 'Foreground' })),
      remove(`${THING}?${DRY}`),
      remove(`${THING}/nope?${DRY}`),
      post(`${NAMESPACES}?${DRY}`, namespace('{ns}-dry')),
      get(`${NAMESPACES}/{ns}-dry`),
      remove(`${NAMESPACES}/{ns}?${DRY}`),
      get(`${NAMESPACES}/{ns}`),
      get(THING),
    ],
  },
  {
    name: 'dry run: no watch hears of it, and the next write has the next revision',
    steps: [
      { ...get(THING), save: 'list', quiet: true },
      { watch: `${THING}?watch=true&resourceVersion={list:metadata.resourceVersion}`, save: 'w' },
      post(`${THING}?${DRY}`, thing('dry')),
      given(THING, thing('real')),
      merge(`${THING}/real?${DRY}`, { spec: { count: 9 } }),
      remove(`${THING}/real?${DRY}`),
      merge(`${THING}/real`, { spec: { count: 3 } }),
      { events: 'w', count: 2 },
    ],
  },
];
