import type { Case } from '../case.ts';
import { get, given, jsonPatch, merge, THING, thing } from './bodies.ts';

const READY = { phase: 'Ready', conditions: [{ type: 'Ready', status: 'True', reason: 'Fine' }] };

export const STATUS_CASES: Case[] = [
  {
    name: 'the main resource ignores status, the subresource ignores the rest',
    steps: [
      given(THING, thing('a')),
      merge(`${THING}/a`, { status: READY }),
      merge(`${THING}/a/status`, { status: READY, spec: { count: 50 }, metadata: { labels: { a: 'b' } } }),
      get(`${THING}/a`),
      get(`${THING}/a/status`),
    ],
  },
  {
    name: 'a status update does not raise the generation',
    steps: [
      given(THING, thing('a'), 'made'),
      {
        method: 'PUT',
        path: `${THING}/a/status`,
        body: { ...thing('a', {}, { resourceVersion: '{made:metadata.resourceVersion}' }), status: READY },
      },
      {
        method: 'PUT',
        path: `${THING}/a/status`,
        body: { ...thing('a', {}, { resourceVersion: '{made:metadata.resourceVersion}' }), status: { phase: 'New' } },
      },
    ],
  },
  {
    name: 'an invalid status is refused',
    steps: [
      given(THING, thing('a')),
      merge(`${THING}/a/status`, { status: { phase: 'Nope' } }),
      merge(`${THING}/a/status`, {
        status: {
          conditions: [
            { type: 'A', status: 'True' },
            { type: 'A', status: 'False' },
          ],
        },
      }),
      merge(`${THING}/a/status`, { status: { unknown: 1 } }),
      jsonPatch(`${THING}/a/status`, [{ op: 'add', path: '/status', value: READY }]),
      jsonPatch(`${THING}/a/status`, [{ op: 'remove', path: '/status/phase' }]),
    ],
  },
  {
    name: 'a main update keeps the status that was there',
    steps: [
      given(THING, thing('a')),
      { ...merge(`${THING}/a/status`, { status: READY }), save: 'ready' },
      {
        method: 'PUT',
        path: `${THING}/a`,
        body: thing('a', { count: 3 }, { resourceVersion: '{ready:metadata.resourceVersion}' }),
      },
    ],
  },
  {
    name: 'status of what is not there, and other subresources, answer 404',
    steps: [
      merge(`${THING}/nope/status`, { status: READY }),
      given(THING, thing('a')),
      get(`${THING}/a/scale`),
      { method: 'DELETE', path: `${THING}/a/status` },
      { method: 'POST', path: `${THING}/a/status`, body: thing('a') },
    ],
  },
];
