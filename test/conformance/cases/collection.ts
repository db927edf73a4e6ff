import type { Case } from '../case.ts';
import { CONFIG_MAP, configMap, get, given, prepare, THING, thing } from './bodies.ts';

const owner = (more: { [key: string]: boolean } = {}) => ({
  apiVersion: 'conformance.darkcarnival.dev/v1',
  kind: 'Thing',
  name: 'owner',
  uid: '{owner:metadata.uid}',
  ...more,
});
const gone = (path: string) => prepare({ method: 'GET', path, until: { status: 404 } });

export const COLLECTION_CASES: Case[] = [
  {
    name: 'gc: what an owner leaves behind is collected',
    controllers: true,
    steps: [
      given(THING, thing('owner'), 'owner'),
      given(
        CONFIG_MAP,
        configMap('child', {}, { ownerReferences: [owner({ controller: true, blockOwnerDeletion: true })] }),
      ),
      given(THING, thing('grandchild', {}, { ownerReferences: [{ ...owner(), kind: 'Thing' }] })),
      { method: 'DELETE', path: `${THING}/owner` },
      gone(`${CONFIG_MAP}/child`),
      gone(`${THING}/grandchild`),
    ],
  },
  {
    name: 'gc: foreground deletion waits for the dependents',
    controllers: true,
    steps: [
      given(THING, thing('owner'), 'owner'),
      given(CONFIG_MAP, configMap('child', {}, { ownerReferences: [owner({ blockOwnerDeletion: true })] })),
      { method: 'DELETE', path: `${THING}/owner?propagationPolicy=Foreground` },
      gone(`${CONFIG_MAP}/child`),
      gone(`${THING}/owner`),
    ],
  },
  {
    name: 'gc: orphaned dependents stay, without their owner',
    controllers: true,
    steps: [
      given(THING, thing('owner'), 'owner'),
      given(CONFIG_MAP, configMap('child', {}, { ownerReferences: [owner()] })),
      { method: 'DELETE', path: `${THING}/owner?propagationPolicy=Orphan` },
      gone(`${THING}/owner`),
      get(`${CONFIG_MAP}/child`),
    ],
  },
  {
    name: 'gc: an owner that never was is collected, one of two that stays keeps the dependent',
    controllers: true,
    steps: [
      given(THING, thing('owner'), 'owner'),
      given(
        CONFIG_MAP,
        configMap(
          'kept',
          {},
          { ownerReferences: [owner(), { ...owner(), name: 'never', uid: '00000000-0000-0000-0000-000000000001' }] },
        ),
      ),
      given(
        CONFIG_MAP,
        configMap(
          'lost',
          {},
          { ownerReferences: [{ ...owner(), name: 'never', uid: '00000000-0000-0000-0000-000000000001' }] },
        ),
      ),
      gone(`${CONFIG_MAP}/lost`),
      get(`${CONFIG_MAP}/kept?resourceVersion=0`),
    ],
  },
  {
    name: 'a namespace that is deleted takes all that is in it',
    controllers: true,
    steps: [
      given('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{ns}-y' } }),
      given(THING.replace('{ns}', '{ns}-y'), thing('a')),
      given(CONFIG_MAP.replace('{ns}', '{ns}-y'), configMap('a')),
      { method: 'DELETE', path: '/api/v1/namespaces/{ns}-y' },
      gone('/api/v1/namespaces/{ns}-y'),
      get(`${THING.replace('{ns}', '{ns}-y')}/a`),
    ],
  },
  {
    name: 'owner references that are none are refused',
    steps: [
      {
        method: 'POST',
        path: CONFIG_MAP,
        body: configMap('a', {}, { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }] }),
      },
      {
        method: 'POST',
        path: CONFIG_MAP,
        body: configMap(
          'a',
          {},
          {
            ownerReferences: [
              { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u', controller: true },
              { apiVersion: 'v1', kind: 'ConfigMap', name: 'y', uid: 'v', controller: true },
            ],
          },
        ),
      },
      {
        method: 'POST',
        path: THING,
        body: thing('a', {}, { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] }),
      },
    ],
  },
];
