import type { Case, Json } from '../case.ts';
import {
  apply,
  CONFIG_MAP,
  configMap,
  deleteOptions,
  get,
  given,
  gone,
  jsonPatch,
  merge,
  post,
  prepare,
  put,
  remove,
  THING,
  thing,
} from './bodies.ts';

const owner = (more: { [key: string]: Json } = {}) => ({
  apiVersion: 'conformance.darkcarnival.dev/v1',
  kind: 'Thing',
  name: 'owner',
  uid: '{owner:metadata.uid}',
  ...more,
});
const owned = (...ownerReferences: Json[]) => ({ ownerReferences });
const makeOwner = given(THING, thing('owner'), 'owner');

/** Owner references as they are written; what follows from them is in `collection.ts`. */
export const OWNER_CASES: Case[] = [
  {
    name: 'owner references that stand twice are taken once, with a warning',
    managedFields: true,
    steps: [
      makeOwner,
      post(CONFIG_MAP, configMap('a', {}, owned(owner(), owner()))),
      post(THING, thing('b', {}, owned(owner(), owner({ controller: true }), owner()))),
      apply(`${THING}/c?fieldManager=m`, thing('c', {}, owned(owner(), owner()))),
      apply(`${THING}/c?fieldManager=m`, thing('c', {}, owned(owner()))),
      jsonPatch(`${THING}/c`, [{ op: 'add', path: '/metadata/ownerReferences/-', value: owner() }]),
      merge(`${THING}/c/status`, { metadata: owned(owner(), owner()), status: { phase: 'New' } }),
      merge(`${THING}/c`, { metadata: owned(owner(), owner()) }),
      post(`${THING}?dryRun=All`, thing('d', {}, owned(owner(), owner()))),
      post(
        `${THING}?fieldValidation=Ignore`,
        thing('e', {}, owned(owner({ controller: true }), owner({ controller: true }))),
      ),
      put(`${CONFIG_MAP}/a`, configMap('a', {}, owned(owner(), owner()))),
      get(`${CONFIG_MAP}/a`),
    ],
  },
  {
    name: 'owner references of one owner in two forms are both kept',
    steps: [
      makeOwner,
      given(THING, thing('a')),
      merge(`${THING}/a`, { metadata: owned(owner(), owner({ name: 'x' }), owner()) }),
      jsonPatch(`${THING}/a`, [
        { op: 'add', path: '/metadata/ownerReferences/-', value: owner({ kind: 'Other', apiVersion: 'v1' }) },
      ]),
    ],
  },
  {
    name: 'owner references change, and what is unknown in them is told',
    steps: [
      makeOwner,
      given(THING, thing('b')),
      merge(`${THING}/b`, { metadata: owned(owner({ blockOwnerDeletion: true })) }),
      merge(`${THING}/b`, { metadata: owned(owner({ controller: true })) }),
      merge(`${THING}/b`, { metadata: owned() }),
      merge(`${THING}/b`, { metadata: owned({ ...owner(), bogus: 1 }) }),
      merge(`${THING}/b?fieldValidation=Strict`, { metadata: owned({ ...owner(), bogus: 1 }) }),
      merge(`${THING}/b`, { metadata: owned(owner({ name: 'renamed' })) }),
    ],
  },
  {
    name: 'gc: foreground deletion waits for a dependent that is held, and only for those that block',
    controllers: true,
    steps: [
      makeOwner,
      given(
        THING,
        thing(
          'held',
          {},
          { ...owned(owner({ blockOwnerDeletion: true })), finalizers: ['conformance.darkcarnival.dev/x'] },
        ),
      ),
      remove(`${THING}/owner`, deleteOptions({ propagationPolicy: 'Foreground' })),
      // The dependent is marked, and the owner still there.
      prepare({ method: 'GET', path: `${THING}/held`, until: { at: 'metadata.deletionGracePeriodSeconds', is: 0 } }),
      get(`${THING}/owner`),
      merge(`${THING}/held`, { metadata: { finalizers: null } }),
      gone(`${THING}/owner`),
    ],
  },
  {
    name: 'gc: orphaned dependents of both kinds stay, and a policy that comes later counts',
    controllers: true,
    steps: [
      given(THING, thing('owner', {}, { finalizers: ['conformance.darkcarnival.dev/x'] }), 'owner'),
      given(CONFIG_MAP, configMap('child', {}, owned(owner({ controller: true, blockOwnerDeletion: true })))),
      given(THING, thing('child', {}, owned(owner()))),
      remove(`${THING}/owner`),
      remove(`${THING}/owner?propagationPolicy=Orphan`),
      prepare({
        method: 'GET',
        path: `${THING}/owner`,
        until: { at: 'metadata.finalizers', is: ['conformance.darkcarnival.dev/x'] },
      }),
      prepare(merge(`${THING}/owner`, { metadata: { finalizers: null } })),
      gone(`${THING}/owner`),
      get(`${CONFIG_MAP}/child`),
      get(`${THING}/child`),
    ],
  },
];
