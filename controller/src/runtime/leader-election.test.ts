import { FakeClock } from '@dark-carnival/crds/testing';
import { KubeClient, type KubeRequest, type KubeResponse, type Transport, TransportError } from '@dark-carnival/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FencedTransport } from './fenced-transport.ts';
import { LeaderElection, type LeaderElectionOptions } from './leader-election.ts';
import { holderOf, type Leader, type LeaderIdentity, type Lease, microTime } from './lease.ts';
import { silentLogger } from './logger.ts';

/** The API server's part of an election: one lease, with optimistic locking, in memory. */
class LeaseServer {
  lease: Lease | undefined;
  writes = 0;
  #version = 0;

  answer({ method, body }: KubeRequest): KubeResponse {
    if (method === 'GET') return this.lease ? this.#ok() : refuse(404, 'NotFound');
    const sent = JSON.parse(body ?? '') as Lease;
    if (method === 'POST' && this.lease) return refuse(409, 'AlreadyExists');
    if (method === 'PUT' && !this.lease) return refuse(404, 'NotFound');
    const current = this.lease?.metadata.resourceVersion;
    if (method === 'PUT' && sent.metadata.resourceVersion !== current) return refuse(409, 'Conflict');
    this.#version += 1;
    this.writes += 1;
    this.lease = { ...sent, metadata: { ...sent.metadata, uid: 'lease', resourceVersion: String(this.#version) } };
    return this.#ok();
  }

  get spec(): Lease['spec'] {
    return this.lease?.spec;
  }

  /** Somebody edits the lease by hand. */
  edit(spec: Lease['spec']): void {
    const body = JSON.stringify({ ...this.lease, spec: { ...this.spec, ...spec } });
    this.answer({ method: 'PUT', path: '', body });
  }

  #ok(): KubeResponse {
    return { status: 200, headers: {}, body: JSON.stringify(this.lease) };
  }
}

function refuse(code: number, reason: string): KubeResponse {
  return { status: code, headers: {}, body: JSON.stringify({ kind: 'Status', code, reason, message: reason }) };
}

/** A candidate's way to the server: it can be cut, and it can be slow either way. */
class Wire implements Transport {
  cut = false;
  requestDelayMs = 0;
  answerDelayMs = 0;
  readonly #server: LeaseServer;
  readonly #clock: FakeClock;

  constructor(server: LeaseServer, clock: FakeClock) {
    this.#server = server;
    this.#clock = clock;
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    await this.#wait(this.requestDelayMs);
    if (this.cut) throw new TransportError('unreachable', 'cut', 'ECONNREFUSED');
    const answer = this.#server.answer(request);
    await this.#wait(this.answerDelayMs);
    return answer;
  }

  stream(): never {
    throw new TypeError('an election watches nothing');
  }

  async close(): Promise<void> {}

  #wait(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => this.#clock.setTimeout(resolve, ms));
  }
}

interface Candidate {
  election: LeaderElection;
  wire: Wire;
  /** `start 1`, `stop` … */
  log: string[];
  leaders: (Leader | undefined)[];
}

class Stage {
  readonly clock = new FakeClock();
  readonly server = new LeaseServer();
  readonly candidates: Candidate[] = [];

  candidate(identity: LeaderIdentity, options: Partial<LeaderElectionOptions> = {}): Candidate {
    const { clock } = this;
    const wire = new Wire(this.server, clock);
    const log: string[] = [];
    const leaders: (Leader | undefined)[] = [];
    const election = new LeaderElection({
      client: new KubeClient(wire, { clock }),
      namespace: 'show',
      leaseName: 'ring',
      identity,
      annotations: { address: `http://${identity.stable}` },
      clock,
      random: () => 0.5,
      logger: silentLogger,
      onStarted: (epoch) => void log.push(`start ${epoch}`),
      onStopped: async () => void log.push('stop'),
      onLeaderChanged: (leader) => void leaders.push(leader),
      ...options,
    });
    const candidate = { election, wire, log, leaders };
    this.candidates.push(candidate);
    election.start();
    return candidate;
  }

  leading(): number {
    return this.candidates.filter(({ election }) => election.isLeader()).length;
  }
}

const one = { stable: 'one', instance: 'x' };
const two = { stable: 'two', instance: 'y' };

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
