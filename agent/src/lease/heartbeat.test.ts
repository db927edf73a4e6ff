import type { Heartbeat } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HeartbeatDeps, HeartbeatLoop } from './heartbeat.ts';
import { RenewableLease } from './lease.ts';
import type { HeartbeatOutcome, Ringmaster } from './ringmaster.ts';

const HEARTBEAT: Heartbeat = {
  nodeID: 'LXC-CORE',
  role: 'CORE',
  address: 'http://127.0.0.1:8080',
  instanceID: 'i-1',
  version: '0.1.0',
  jobs: { running: 0, capacity: 2 },
  vault: { files: 0, bytes: 0 },
  providers: [],
};
const RENEWED: HeartbeatOutcome = {
  outcome: 'renewed',
  answer: { wagon: 'lxc-core', namespace: 'default', leaseSeconds: 25, leaderEpoch: 3 },
};
const DOWN: HeartbeatOutcome = { outcome: 'unreachable', message: 'connect ECONNREFUSED' };

function startLoop(answers: () => HeartbeatOutcome, given: Partial<HeartbeatDeps> = {}) {
  const clock = new FakeClock();
  const lease = new RenewableLease(clock);
  const sent: number[] = [];
  const said: string[] = [];
  const ringmaster: Ringmaster = {
    register: async () => {
      sent.push(clock.monotonic());
      return answers();
    },
  };
  const loop = new HeartbeatLoop({
    clock,
    lease,
    ringmaster,
    random: () => 0.5,
    compose: () => HEARTBEAT,
    admitEpoch: () => true,
    onChange: ({ outcome }) => said.push(outcome),
    namespace: 'default',
    ...given,
  });
  loop.start();
  onTestFinished(() => loop.stop());
  return { clock, lease, loop, sent, said };
}

describe('heartbeats', () => {
  it('come every 10 s while all is well, and say so once', async () => {
    const { clock, lease, sent, said } = startLoop(() => RENEWED);
    await clock.advance(30_000);
    expect(sent).toEqual([0, 10_000, 20_000, 30_000]);
    expect(said).toEqual(['renewed']);
    expect(lease.held).toBe(true);
  });

  it.each([
    { random: 0, gap: 9000 },
    { random: 0.999_999, gap: 11_000 },
  ])('are spread by 10 %: with $random the next one comes after $gap ms', async ({ random, gap }) => {
    const { clock, sent } = startLoop(() => RENEWED, { random: () => random });
    await clock.advance(gap + 1);
    expect(sent).toHaveLength(2);
    expect(Math.round(sent[1] ?? 0)).toBe(gap);
  });

  it('come quickly at a start until the ringmaster is there, so that starting together takes no round', async () => {
    let up = false;
    const { clock, lease, sent } = startLoop(() => (up ? RENEWED : DOWN));
    await clock.advance(2000);
    expect(sent.length).toBeGreaterThanOrEqual(4);
    up = true;
    await clock.advance(2500);
    expect(lease.held).toBe(true);
  });

  it('back off to the normal pace where nobody answers for long', async () => {
    const { clock, sent, said } = startLoop(() => DOWN);
    await clock.advance(120_000);
    const gaps = sent.slice(1).map((at, index) => at - (sent[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(11_000);
    expect(gaps.slice(-3).every((gap) => gap > 7000)).toBe(true);
    expect(said).toEqual(['unreachable']);
  });

  it('are hurried by news, but never more than one a second', async () => {
    const { clock, loop, sent } = startLoop(() => RENEWED);
    await clock.advance(3000);
    loop.hurry();
    loop.hurry();
    await clock.advance(0);
    expect(sent).toEqual([0, 3000]);
    loop.hurry();
    await clock.advance(999);
    expect(sent).toHaveLength(2);
    await clock.advance(1);
    expect(sent).toEqual([0, 3000, 4000]);
  });

  it('let the lease lapse when the ringmaster falls silent', async () => {
    let up = true;
    const { clock, lease } = startLoop(() => (up ? RENEWED : DOWN));
    await clock.advance(10_000);
    up = false;
    await clock.advance(24_000);
    expect(lease.held).toBe(true);
    await clock.advance(2000);
    expect(lease.held).toBe(false);
    up = true;
    await clock.advance(11_000);
    expect(lease.held).toBe(true);
  });

  it('take no leave from a leader that was replaced, nor for another namespace', async () => {
    const stale = startLoop(() => RENEWED, { admitEpoch: (epoch) => epoch > 3 });
    await stale.clock.advance(100);
    expect(stale.lease.held).toBe(false);
    const elsewhere = startLoop(() => RENEWED, { namespace: 'other' });
    await elsewhere.clock.advance(100);
    expect(elsewhere.lease.held).toBe(false);
    expect(elsewhere.said).toEqual(['refused']);
  });

  it('give the lease up at once when another wagon has this name', async () => {
    let answer: HeartbeatOutcome = RENEWED;
    const { clock, lease } = startLoop(() => answer);
    await clock.advance(5000);
    answer = { outcome: 'refused', status: 409, message: 'DuplicateIdentity' };
    await clock.advance(5000);
    expect(lease.held).toBe(false);
  });

  it('end an answer that does not come', async () => {
    const given: { signal?: AbortSignal } = {};
    const hanging: Ringmaster = {
      register: (_heartbeat, signal) =>
        new Promise((resolve) => {
          given.signal = signal;
          signal.addEventListener('abort', () => resolve(DOWN));
        }),
    };
    const { clock, said } = startLoop(() => DOWN, { ringmaster: hanging });
    await clock.advance(4999);
    expect(given.signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(given.signal?.aborted).toBe(true);
    expect(said).toEqual(['unreachable']);
  });
});
