import { describe, expect, it } from 'vitest';
import { aWagonFacts } from '../../../../testing/a-snapshot.ts';
import type { WagonFacts } from '../snapshot.ts';
import { type PlacementRequest, place } from './placement.ts';

const chain = (...providers: string[]) => ({ providers, maxTokens: 1000 });
const request = (given: Partial<PlacementRequest> = {}): PlacementRequest => ({
  spec: {},
  chains: [chain('rehearsal')],
  ...given,
});
const kimiIs = (health: 'True' | 'False' | 'Unknown') => new Map([['kimi', health] as const]);

describe('where an assignment is placed', () => {
  const rows: { name: string; request?: PlacementRequest; wagons: WagonFacts[]; want: string }[] = [
    { name: 'waits for a wagon where there is none', wagons: [], want: 'NoMatchingWagon' },
    {
      name: 'waits for the wagon that it names',
      request: request({ spec: { wagonName: 'other' } }),
      wagons: [aWagonFacts()],
      want: 'NoMatchingWagon',
    },
    {
      name: 'waits where no label matches',
      request: request({ spec: { wagonSelector: { matchLabels: { gpu: 'yes' } } } }),
      wagons: [aWagonFacts({ labels: { gpu: 'no' } })],
      want: 'NoMatchingWagon',
    },
    {
      name: 'follows an expression',
      request: request({
        spec: { wagonSelector: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] } },
      }),
      wagons: [aWagonFacts({ name: 'a', labels: { zone: 'a' } }), aWagonFacts({ name: 'b', labels: { zone: 'b' } })],
      want: 'b',
    },
    { name: 'waits while all are cordoned', wagons: [aWagonFacts({ scheduling: 'Cordoned' })], want: 'WagonCordoned' },
    {
      name: 'stays on its host though that is cordoned',
      request: request({ host: 'lxc-core' }),
      wagons: [aWagonFacts({ scheduling: 'Cordoned' })],
      want: 'lxc-core',
    },
    {
      name: 'leaves a host that drains',
      request: request({ host: 'a' }),
      wagons: [aWagonFacts({ name: 'a', scheduling: 'Draining' }), aWagonFacts({ name: 'b', busy: 1 })],
      want: 'b',
    },
    { name: 'waits while none is ready', wagons: [aWagonFacts({ ready: false })], want: 'WagonNotReady' },
    {
      name: 'waits while a seat has no healthy provider',
      request: request({ chains: [chain('rehearsal'), chain('kimi')] }),
      wagons: [aWagonFacts({ health: kimiIs('False') })],
      want: 'NoHealthyProvider',
    },
    {
      name: 'waits for a wagon that was granted the provider',
      request: request({ chains: [chain('kimi')] }),
      wagons: [aWagonFacts()],
      want: 'NoHealthyProvider',
    },
    {
      name: 'takes a provider that was not probed yet',
      request: request({ chains: [chain('kimi')] }),
      wagons: [aWagonFacts({ health: kimiIs('Unknown') })],
      want: 'lxc-core',
    },
    {
      name: 'falls back within the chain',
      request: request({ chains: [chain('mistral', 'kimi')] }),
      wagons: [aWagonFacts({ health: kimiIs('True') })],
      want: 'lxc-core',
    },
    { name: 'waits while all slots are taken', wagons: [aWagonFacts({ busy: 2 })], want: 'NoFreeWagon' },
    {
      name: 'takes the least loaded',
      wagons: [aWagonFacts({ name: 'a', busy: 1 }), aWagonFacts({ name: 'b' })],
      want: 'b',
    },
    {
      name: 'measures load against capacity',
      wagons: [aWagonFacts({ name: 'a', busy: 1, capacity: 2 }), aWagonFacts({ name: 'b', busy: 2, capacity: 8 })],
      want: 'b',
    },
    {
      name: 'takes the first name of equals',
      wagons: [aWagonFacts({ name: 'b' }), aWagonFacts({ name: 'a' })],
      want: 'a',
    },
    {
      name: 'waits for its host rather than to leave its files behind',
      request: request({ host: 'a' }),
      wagons: [aWagonFacts({ name: 'a', busy: 2 }), aWagonFacts({ name: 'b' })],
      want: 'NoFreeWagon',
    },
    {
      name: 'leaves a host that is not ready',
      request: request({ host: 'a' }),
      wagons: [aWagonFacts({ name: 'a', ready: false }), aWagonFacts({ name: 'b' })],
      want: 'b',
    },
    {
      name: 'avoids the wagon that just failed',
      request: request({ avoid: 'a' }),
      wagons: [aWagonFacts({ name: 'a' }), aWagonFacts({ name: 'b', busy: 1 })],
      want: 'b',
    },
    {
      name: 'takes the wagon that just failed where there is no other',
      request: request({ avoid: 'a' }),
      wagons: [aWagonFacts({ name: 'a' })],
      want: 'a',
    },
    {
      name: 'counts its own assignments',
      request: request({ own: new Map([['lxc-core', 2]]) }),
      wagons: [aWagonFacts()],
      want: 'NoFreeWagon',
    },
  ];
  it.each(rows)('$name', ({ request: asked = request(), wagons, want }) => {
    const placement = place(asked, wagons);
    expect(placement.outcome === 'placed' ? placement.wagon.name : placement.cause.reason).toBe(want);
  });

  it('names the providers that no wagon reaches, and what each lacks', () => {
    const asked = request({ chains: [chain('rehearsal'), chain('mistral', 'kimi')] });
    const wagons = [
      aWagonFacts({ name: 'b', health: kimiIs('False'), unwell: new Map([['kimi', 'Overloaded']]) }),
      aWagonFacts({ name: 'a', health: kimiIs('False'), unwell: new Map([['kimi', 'RateLimited']]) }),
    ];
    expect(place(asked, wagons)).toMatchObject({
      cause: { message: 'no matching wagon reaches mistral (NotGranted) or kimi (RateLimited)' },
    });
  });

  it('says so where each provider is reached, but by different wagons', () => {
    const asked = request({ chains: [chain('kimi'), chain('mistral')] });
    const wagons = [
      aWagonFacts({ name: 'a', health: kimiIs('True') }),
      aWagonFacts({ name: 'b', health: new Map([['mistral', 'True'] as const]) }),
    ];
    expect(place(asked, wagons)).toMatchObject({
      cause: { message: 'no matching wagon reaches a provider for every seat' },
    });
  });
});
