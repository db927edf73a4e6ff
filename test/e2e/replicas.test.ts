import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  API_VERSION,
  type KubeObject,
  LEADER_LEASE,
  OBJECTIVES,
  type Objective,
  WAGONS,
  type Wagon,
  wagonTokenSecretName,
} from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  createTransport,
  EVENTS,
  KubeClient,
  LEASES,
  loadKubeconfig,
  SECRETS,
  type Secret,
} from '@dark-carnival/kube';
import { type LocalServer, startLocalServer } from '@dark-carnival/local';
import { dump, load } from 'js-yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HeartbeatLoop, type HeartbeatOutcome, HttpRingmaster, RenewableLease } from '../../agent/src/lease/index.ts';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';

const root = join(import.meta.dirname, '..', '..');
type Lease = KubeObject<{ holderIdentity?: string; leaseTransitions?: number }>;

/** One controller as a process of its own. */
interface Replica {
  child: ChildProcess;
  url: string;
  err: string;
  exited: Promise<unknown>;
}

/** A wagon that answers as its script says, and whose heartbeats and lease are the agent's own. */
class LeasedWagon {
  readonly scripted: ScriptedWagon;
  readonly lease = new RenewableLease(systemClock);
  readonly outcomes: HeartbeatOutcome[] = [];
  epoch = 0;
  /** How often the lease was found lapsed, once it had been held. */
  lapses = 0;
  #loop: HeartbeatLoop | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(nodeID: string) {
    this.scripted = new ScriptedWagon({ nodeID, script: () => 'run' });
  }

  beat(hubUrl: string): void {
    this.#loop = new HeartbeatLoop({
      clock: systemClock,
      random: Math.random,
      ringmaster: new HttpRingmaster(hubUrl, this.scripted.token, 'default'),
      lease: this.lease,
      compose: () => this.scripted.heartbeat(),
      admitEpoch: (epoch) => {
        if (epoch < this.epoch) return false;
        this.epoch = epoch;
        return true;
      },
      onChange: (outcome) => void this.outcomes.push(outcome),
      namespace: 'default',
    });
    this.#loop.start();
    let wasHeld = false;
    this.#watch = setInterval(() => {
      if (wasHeld && !this.lease.held) this.lapses += 1;
      wasHeld = this.lease.held;
    }, 20);
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await this.#loop?.stop();
    await this.scripted.die();
  }
}

describe('several controllers with one leader', () => {
  let server: LocalServer;
  let client: KubeClient;
  const folder = mkdtempSync(join(tmpdir(), 'replicas-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const replicas: Replica[] = [];
  const wagons: LeasedWagon[] = [];

  beforeAll(async () => {
    const token = 'a-token-for-the-test';
    server = await startLocalServer({ store: 'memory', token });
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'local', cluster: { server: server.url } }],
      users: [{ name: 'me', user: { token } }],
      contexts: [{ name: 'local', context: { cluster: 'local', user: 'me' } }],
      'current-context': 'local',
    };
    writeFileSync(kubeconfig, dump(config), { mode: 0o600 });
    client = new KubeClient(createTransport(loadKubeconfig({ path: kubeconfig, env: {} })));
    for (const file of readdirSync(join(root, 'crds/generated'))) {
      const crd = load(readFileSync(join(root, 'crds/generated', file), 'utf8')) as KubeObject;
      await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
    }
  });
  afterEach(async () => {
    for (const wagon of wagons.splice(0)) await wagon.stop();
    for (const { child, exited } of replicas.splice(0)) {
      child.kill('SIGKILL');
      await exited;
    }
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function startReplica(...more: string[]): Promise<Replica> {
    const port = await freePort();
    const main = join(root, 'controller/src/main.ts');
    const args = ['--disable-warning=ExperimentalWarning', main, '--kubeconfig', kubeconfig];
    const child = spawn(process.execPath, [...args, '--hub-port', String(port), ...more], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const replica: Replica = { child, url: `http://127.0.0.1:${port}`, err: '', exited };
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (replica.err += chunk));
    replicas.push(replica);
    await eventually(async () => ((await fetch(`${replica.url}/readyz`)).ok ? true : undefined), {
      timeoutMs: 30_000,
      what: `a replica to be ready; it said ${replica.err}`,
    });
    return replica;
  }

  const electionLease = () => client.get<Lease>(LEASES, { namespace: 'default', name: LEADER_LEASE });
  const epoch = async () => (await electionLease()).spec?.leaseTransitions ?? 0;
  const leads = (count: number) =>
    eventually(async () => ((await epoch()) === count ? true : undefined), { timeoutMs: 20_000, what: 'a leader' });

  async function join_(nodeID: string, replica: Replica): Promise<LeasedWagon> {
    const wagon = new LeasedWagon(nodeID);
    const { scripted } = wagon;
    await scripted.start();
    await client.create<KubeObject>(WAGONS, {
      apiVersion: API_VERSION,
      kind: 'Wagon',
      metadata: { name: scripted.name, namespace: 'default' },
      spec: { nodeID, role: 'CORE', runtime: { type: 'Process', process: { port: scripted.port } } },
    });
    const ref = { namespace: 'default', name: wagonTokenSecretName(scripted.name) };
    const secret = await eventually(async () => client.find<Secret>(SECRETS, ref), {
      timeoutMs: 10_000,
      what: 'its token',
    });
    scripted.token = Buffer.from(secret.data?.['token'] ?? '', 'base64').toString('utf8');
    wagon.beat(replica.url);
    wagons.push(wagon);
    await eventually(
      async () => {
        const { status } = await client.get<Wagon>(WAGONS, { namespace: 'default', name: scripted.name });
        return status?.phase === 'Ready' ? true : undefined;
      },
      { timeoutMs: 20_000, what: `${nodeID} to be Ready` },
    );
    return wagon;
  }

  const objective = async (name: string, phase: string, timeoutMs = 60_000) =>
    eventually(
      async () => {
        const found = await client.get<Objective>(OBJECTIVES, { namespace: 'default', name });
        return found.status?.phase === phase ? found : undefined;
      },
      { timeoutMs, what: `${name} to be ${phase}` },
    );
  const staleEvents = async () =>
    (await client.list<KubeObject & { reason: string }>(EVENTS, { namespace: 'default' })).items.filter(
      ({ reason }) => reason === 'Stale' || reason === 'Evicted',
    );

  it('any takes a heartbeat; the leader dies, and no wagon loses its lease, its place or its work', async () => {
    const first = await startReplica();
    await leads(1);
    const second = await startReplica();
    const third = await startReplica();
    const one = await join_('LXC-A', second);
    const two = await join_('LXC-B', third);
    await client.create<KubeObject>(OBJECTIVES, {
      apiVersion: API_VERSION,
      kind: 'Objective',
      metadata: { name: 'survivor', namespace: 'default' },
      spec: { directive: 'Outlive a leader' },
    });
    const debated = await objective('survivor', 'Debating');
    const host = [one, two].find(({ scripted }) => scripted.name === debated.status?.wagonName);
    const id = host?.scripted.puts[0]?.id ?? '';
    // Both have just been heard: else a slow machine could use up what is left of a lease when a leader is followed late (see ELECTION).
    await eventually(async () => ([one, two].every(({ lease }) => lease.remainingMs > 20_000) ? true : undefined), {
      timeoutMs: 60_000,
      what: 'both leases to be fresh',
      everyMs: 20,
    });
    first.child.kill('SIGKILL');
    await leads(2);
    // Every wagon has heard of the new leader.
    await eventually(async () => (one.epoch === 2 && two.epoch === 2 ? true : undefined), {
      timeoutMs: 20_000,
      what: 'the wagons to hear of the new leader',
    });
    host?.scripted.finish(id);
    const asked = await objective('survivor', 'AwaitingHuman');
    expect(asked.status?.debate).toMatchObject({ attempt: 1 });
    expect([one.lapses, two.lapses]).toEqual([0, 0]);
    const given = [one, two].flatMap(({ scripted }) => scripted.puts.map((put) => put.id));
    expect(new Set(given)).toEqual(new Set([id]));
    expect([one, two].flatMap(({ scripted }) => scripted.cancels)).toEqual([]);
    expect(await staleEvents()).toEqual([]);
    expect(one.outcomes.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
  });

  // Only Linux answers at all of 127/8.
  it.runIf(process.platform === 'linux')(
    'speak https with a pinned certificate where they are reached off loopback',
    async () => {
      const before = await epoch();
      // 127.0.0.2 is served as an address of the network would be.
      const first = await startReplica('--internal-host', '127.0.0.2');
      await leads(before + 1);
      const second = await startReplica('--internal-host', '127.0.0.2');
      const { annotations = {} } = (await electionLease()).metadata;
      expect(annotations['darkcarnival.dev/internal-address']).toMatch(/^https:\/\/127\.0\.0\.2:\d+$/);
      expect(annotations['darkcarnival.dev/internal-fingerprint']).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(annotations).not.toHaveProperty('darkcarnival.dev/internal-host-name');
      const wagon = await join_('LXC-C', second);
      expect(wagon.lease.held).toBe(true);
      expect(`${first.err}${second.err}`).not.toContain(wagon.scripted.token);
    },
  );
});
