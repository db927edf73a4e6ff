import type { WagonPhase } from '@dark-carnival/crds';
import { aWagon } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { judgeLife, type LifeFacts } from './life.ts';

const spec = aWagon().spec as NonNullable<ReturnType<typeof aWagon>['spec']>;
const STALE_MS = 35_000;

/** A wagon that was heard `ageMs` ago, unless something else is said. */
const facts = ({ ageMs = 0, ...given }: Partial<LifeFacts>): LifeFacts => ({
  spec,
  selfRegistered: false,
  foreignToken: false,
  phase: 'Ready',
  said: undefined,
  ageMs,
  heardAgoMs: 'heardAgoMs' in given ? given.heardAgoMs : ageMs,
  knownForMs: 9e6,
  probe: undefined,
  ...given,
});

type Row = { name: string; given: Partial<LifeFacts>; want: [WagonPhase, string] };
const judged = ({ given }: Row) => {
  const { phase, reason } = judgeLife(facts(given));
  return [phase, reason];
};

describe("a wagon's life", () => {
  const unheard = { heardAgoMs: undefined };
  const gone = { probe: 'unreachable' as const };
  const rows: Row[] = [
    { name: 'is Ready while it beats', given: { phase: undefined }, want: ['Ready', 'Heartbeat'] },
    {
      name: 'is Ready again with the first beat after a silence',
      given: { phase: 'Stale' },
      want: ['Ready', 'Heartbeat'],
    },
    { name: 'is Ready until its time is over', given: { ageMs: STALE_MS - 1 }, want: ['Ready', 'Heartbeat'] },
    {
      name: 'is Stale when it neither beats nor answers',
      given: { ageMs: STALE_MS, ...gone },
      want: ['Stale', 'Unreachable'],
    },
    {
      name: 'is Stale when it answers but does not beat',
      given: { ageMs: STALE_MS, probe: 'alive' },
      want: ['Stale', 'NoHeartbeat'],
    },
    {
      name: 'has the time that its spec gives it',
      given: { spec: { ...spec, evictAfterSeconds: 60 }, ageMs: 59_000 },
      want: ['Ready', 'Heartbeat'],
    },
    {
      name: 'has not begun before its first beat',
      given: { phase: undefined, ...unheard },
      want: ['Provisioning', 'NoHeartbeatYet'],
    },
    {
      name: 'goes on provisioning however long that takes',
      given: { phase: 'Provisioning', ...unheard, ageMs: 9e6, ...gone },
      want: ['Provisioning', 'NoHeartbeatYet'],
    },
    {
      name: 'is believed over a restart of the controller',
      given: { ...unheard, ageMs: 10_000 },
      want: ['Ready', 'Heartbeat'],
    },
    {
      name: 'is believed to be Stale over a restart, for the reason that was known',
      given: { phase: 'Stale', said: { reason: 'NoHeartbeat', message: 'x' }, ...unheard, ageMs: 10_000 },
      want: ['Stale', 'NoHeartbeat'],
    },
    {
      name: 'is Stale after a restart when no beat comes',
      given: { ...unheard, ageMs: STALE_MS, ...gone },
      want: ['Stale', 'Unreachable'],
    },
    {
      name: 'does not come back because the controller slept: only a beat brings it back',
      given: { phase: 'Stale', ageMs: 0, heardAgoMs: 500_000 },
      want: ['Stale', 'Unreachable'],
    },
    {
      name: 'goes on, for its time, where the controller slept while it was Ready',
      given: { phase: 'Ready', ageMs: 0, heardAgoMs: 60_000 },
      want: ['Ready', 'Heartbeat'],
    },
    {
      name: 'is Draining when it is told to',
      given: { spec: { ...spec, scheduling: 'Draining' } },
      want: ['Draining', 'Draining'],
    },
    {
      name: 'is Ready though cordoned',
      given: { spec: { ...spec, scheduling: 'Cordoned' } },
      want: ['Ready', 'Cordoned'],
    },
    {
      name: 'is not looked after where its runtime is not installed',
      given: { spec: { ...spec, runtime: { type: 'Pod' } } },
      want: ['Failed', 'RuntimeNotInstalled'],
    },
    {
      name: 'is refused the token of somebody who joined under its name',
      given: { foreignToken: true },
      want: ['Failed', 'TokenOfAnotherWagon'],
    },
    {
      name: 'is never evicted where it was declared',
      given: { phase: 'Stale', ageMs: 9e6, ...gone },
      want: ['Stale', 'Unreachable'],
    },
  ];
  it.each(rows)('$name', (row) => expect(judged(row)).toEqual(row.want));
});

describe('the life of a wagon that registered itself', () => {
  const self = { selfRegistered: true, probe: 'unreachable' as const };
  const unheard = { heardAgoMs: undefined };
  const rows: Row[] = [
    { name: 'is Stale first', given: { ...self, ageMs: STALE_MS }, want: ['Stale', 'Unreachable'] },
    {
      name: 'is not evicted within two rounds of becoming stale',
      given: { ...self, phase: 'Stale', ageMs: STALE_MS + 29_999 },
      want: ['Stale', 'Unreachable'],
    },
    {
      name: 'is evicted two rounds later, when it still neither beats nor answers',
      given: { ...self, phase: 'Stale', ageMs: STALE_MS + 30_000 },
      want: ['Evicted', 'Evicted'],
    },
    {
      name: 'is not evicted without having been stale',
      given: { ...self, phase: 'Ready', ageMs: 9e6 },
      want: ['Stale', 'Unreachable'],
    },
    {
      name: 'is not evicted while it answers',
      given: { ...self, phase: 'Stale', ageMs: 9e6, probe: 'alive' },
      want: ['Stale', 'NoHeartbeat'],
    },
    {
      name: 'is not evicted within the grace of a new controller',
      given: { ...self, phase: 'Stale', ...unheard, ageMs: STALE_MS - 1 },
      want: ['Stale', 'Unreachable'],
    },
    {
      name: 'comes back from eviction with a beat',
      given: { ...self, phase: 'Evicted' },
      want: ['Ready', 'Heartbeat'],
    },
    {
      name: 'stays evicted over a restart of the controller',
      given: { ...self, phase: 'Evicted', ...unheard },
      want: ['Evicted', 'Evicted'],
    },
    {
      name: 'stays evicted though the controller slept',
      given: { ...self, phase: 'Evicted', ageMs: 0, heardAgoMs: 9e6 },
      want: ['Evicted', 'Evicted'],
    },
    {
      name: 'is Stale again where somebody has taken over what was evicted',
      given: { ...self, selfRegistered: false, phase: 'Evicted', ageMs: 9e6 },
      want: ['Stale', 'Unreachable'],
    },
    {
      name: 'is waited for when its object is new',
      given: { ...self, phase: 'Provisioning', ...unheard, ageMs: 9e6, knownForMs: 34_000 },
      want: ['Provisioning', 'NoHeartbeatYet'],
    },
    {
      name: 'is Stale where it never came',
      given: { ...self, phase: 'Provisioning', ...unheard, ageMs: 9e6, knownForMs: 35_000 },
      want: ['Stale', 'Unreachable'],
    },
  ];
  it.each(rows)('$name', (row) => expect(judged(row)).toEqual(row.want));
});
