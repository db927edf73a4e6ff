import { FakeClock } from '@dark-carnival/crds/testing';
import { KubeClient, type KubeRequest, type KubeResponse, type Transport, TransportError } from '@dark-carnival/kube';
import { LeaderElection, type LeaderElectionOptions } from '../src/runtime/leader-election.ts';
import type { Leader, LeaderIdentity, Lease } from '../src/runtime/lease.ts';
import { silentLogger } from '../src/runtime/logger.ts';

/** The API server's part of an election: one lease, with optimistic locking, in memory. */
export class LeaseServer {
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
export class Wire implements Transport {
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

export interface Candidate {
  election: LeaderElection;
  wire: Wire;
  /** `start 1`, `stop` … */
  log: string[];
  leaders: (Leader | undefined)[];
}

export class Stage {
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
      annotations: () => ({ address: `http://${identity.stable}` }),
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

export const one = { stable: 'one', instance: 'x' };
export const two = { stable: 'two', instance: 'y' };
