import type { KubeRequest } from '@dark-carnival/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, one, Stage, two } from '../../testing/election-stage.ts';
import { FencedTransport } from './fenced-transport.ts';
import { holderOf, microTime } from './lease.ts';

describe('LeaderElection', () => {
  it('takes a free lease, writes it as client-go would, and renews it every two seconds', async () => {
    const stage = new Stage();
    const { election, log } = stage.candidate(one);
    await stage.clock.advance(0);
    expect(log).toEqual(['start 1']);
    expect(election.epoch).toBe(1);
    expect(stage.server.lease).toMatchObject({
      metadata: { name: 'ring', namespace: 'show', annotations: { address: 'http://one' } },
      spec: {
        holderIdentity: 'one_x',
        leaseDurationSeconds: 15,
        acquireTime: '2026-01-01T00:00:00.000000Z',
        renewTime: '2026-01-01T00:00:00.000000Z',
        leaseTransitions: 1,
      },
    });
    await stage.clock.advance(60_000);
    expect(stage.server.writes).toBe(31);
    expect(stage.server.lease?.spec).toMatchObject({
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:01:00.000000Z',
    });
    expect(log).toEqual(['start 1']);
  });

  it('of two candidates one leads, and the other knows who and where', async () => {
    const stage = new Stage();
    const first = stage.candidate(one);
    const second = stage.candidate(two);
    await stage.clock.advance(60_000);
    expect(first.election.isLeader()).toBe(true);
    expect(second.log).toEqual([]);
    expect(second.election.leader).toEqual({ identity: 'one_x', epoch: 1, annotations: { address: 'http://one' } });
    expect(second.leaders).toHaveLength(1);
  });

  it('follows a leader that died after 15 s, and not before, under a higher epoch', async () => {
    const stage = new Stage();
    const first = stage.candidate(one);
    const second = stage.candidate(two);
    await stage.clock.advance(4_000);
    first.wire.cut = true;
    await stage.clock.advance(14_000);
    expect(second.log).toEqual([]);
    await stage.clock.advance(4_000);
    expect(second.log).toEqual(['start 2']);
    expect(second.leaders.at(-1)).toMatchObject({ identity: 'two_y', epoch: 2 });
    expect(first.log).toEqual(['start 1', 'stop']);
    first.wire.cut = false;
    await stage.clock.advance(60_000);
    expect(first.log).toHaveLength(2);
    expect(stage.leading()).toBe(1);
  });

  it('trusts no other clock: a leader whose wall clock is an hour behind is not deposed', async () => {
    const stage = new Stage();
    const past = stage.candidate(one);
    await stage.clock.advance(0);
    const future = stage.candidate(two);
    stage.clock.jumpWallClock(-3_600_000);
    await stage.clock.advance(30_000);
    stage.clock.jumpWallClock(7_200_000);
    await stage.clock.advance(30_000);
    expect(past.log).toEqual(['start 1']);
    expect(future.log).toEqual([]);
  });

  it('takes over at once what it held itself before it was killed', async () => {
    const stage = new Stage();
    const killed = stage.candidate(one);
    await stage.clock.advance(4_000);
    killed.wire.cut = true;
    const restarted = stage.candidate({ stable: 'one', instance: 'z' });
    await stage.clock.advance(0);
    expect(restarted.log).toEqual(['start 2']);
  });

  it('does not take a name that only begins like its own', async () => {
    const stage = new Stage();
    stage.candidate({ stable: 'one_two', instance: 'x' });
    await stage.clock.advance(0);
    const other = stage.candidate(one);
    await stage.clock.advance(10_000);
    expect(other.log).toEqual([]);
    expect(() => holderOf({ stable: 'a', instance: 'b_c' })).toThrow(TypeError);
  });

  it('a leader that was frozen knows at once that it leads no more, and sends no write', async () => {
    const stage = new Stage();
    const frozen = stage.candidate(one);
    await stage.clock.advance(4_000);
    const fenced = new FencedTransport(frozen.wire, () => frozen.election.isLeader());
    const write: KubeRequest = { method: 'PATCH', path: '/x', body: '{}' };
    frozen.wire.cut = true;
    const woken: boolean[] = [];
    stage.clock.setTimeout(() => woken.push(frozen.election.isLeader()), 1);
    await stage.clock.freeze(40_000);
    expect(woken).toEqual([false]);
    await expect(fenced.request(write)).rejects.toMatchObject({ reason: 'NotLeader', silent: true });
    expect(frozen.log).toEqual(['start 1', 'stop']);
  });

  it('stops its reign on time though a request hangs, and a late answer revives nothing', async () => {
    const stage = new Stage();
    const { wire, log, election } = stage.candidate(one);
    await stage.clock.advance(2_500);
    wire.answerDelayMs = 11_500;
    await stage.clock.advance(9_400);
    expect(election.isLeader()).toBe(true);
    await stage.clock.advance(200);
    expect(election.isLeader()).toBe(false);
    expect(log).toEqual(['start 1', 'stop']);
    wire.answerDelayMs = 0;
    await stage.clock.advance(20_000);
    expect(log).toEqual(['start 1', 'stop', 'start 2']);
  });

  it('at a stop, holds the lease until the work is done, then gives it back; the next one leads within seconds', async () => {
    const stage = new Stage();
    let finish = () => {};
    const leaving = stage.candidate(one, {
      onStopped: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    await stage.clock.advance(2_000);
    const next = stage.candidate(two);
    const stopped = leaving.election.stop();
    await stage.clock.advance(30_000);
    expect(leaving.election.isLeader()).toBe(true);
    expect(next.log).toEqual([]);
    finish();
    await stopped;
    expect(leaving.election.isLeader()).toBe(false);
    expect(stage.server.lease?.spec).not.toHaveProperty('holderIdentity');
    await stage.clock.advance(2_500);
    expect(next.log).toEqual(['start 2']);
  });

  it('does not begin a second reign before the first one has ended in this process', async () => {
    const stage = new Stage();
    let finish = () => {};
    const { wire, log, election } = stage.candidate(one, {
      onStopped: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    await stage.clock.advance(0);
    wire.cut = true;
    await stage.clock.advance(12_000);
    wire.cut = false;
    await stage.clock.advance(60_000);
    expect(log).toEqual(['start 1']);
    expect(election.isLeader()).toBe(false);
    finish();
    await stage.clock.advance(4_000);
    expect(log).toEqual(['start 1', 'start 2']);
  });

  it('never sets the epoch back, though somebody deletes the lease', async () => {
    const stage = new Stage();
    stage.candidate(one);
    await stage.clock.advance(0);
    stage.server.edit({ leaseTransitions: 41 });
    await stage.clock.advance(8_000);
    expect(stage.server.spec?.leaseTransitions).toBe(42);
    stage.server.lease = undefined;
    await stage.clock.advance(8_000);
    expect(stage.server.spec?.leaseTransitions).toBe(43);
  });

  it('leaves no timer behind', async () => {
    const stage = new Stage();
    const { election } = stage.candidate(one);
    await stage.clock.advance(5_000);
    await election.stop();
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it('never has two leaders at a time, whatever is cut, slow, or restarted', async () => {
    const fault = fc.record({
      who: fc.integer({ min: 0, max: 2 }),
      what: fc.constantFrom('cut', 'mend', 'slow', 'slow answers', 'fast', 'stop'),
      thenMs: fc.integer({ min: 100, max: 9_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 14 }), async (faults) => {
        const stage = new Stage();
        for (const stable of ['a', 'b', 'c']) stage.candidate({ stable, instance: 'x' });
        for (const { who, what, thenMs } of faults) {
          const candidate = stage.candidates[who];
          if (candidate) inflict(candidate, what);
          for (let passed = 0; passed < thenMs; passed += 500) {
            await stage.clock.advance(500);
            expect(stage.leading()).toBeLessThanOrEqual(1);
          }
        }
        const epochs = stage.candidates.flatMap(({ log }) => log.filter((line) => line.startsWith('start')));
        expect(new Set(epochs).size).toBe(epochs.length);
      }),
      { numRuns: 60 },
    );
  });
});

function inflict({ wire, election }: Candidate, what: string): void {
  if (what === 'cut') wire.cut = true;
  if (what === 'mend') wire.cut = false;
  if (what === 'slow') wire.requestDelayMs = 6_000;
  if (what === 'slow answers') wire.answerDelayMs = 9_000;
  if (what === 'fast') Object.assign(wire, { requestDelayMs: 0, answerDelayMs: 0 });
  if (what === 'stop') void election.stop();
}

describe('microTime', () => {
  it('has six digits after the second', () => {
    expect(microTime(1_700_000_000_123)).toBe('2023-11-14T22:13:20.123000Z');
  });
});
