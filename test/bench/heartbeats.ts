import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_VERSION, type KubeObject, WAGONS, wagonTokenSecretName } from '@dark-carnival/crds';
import { CUSTOM_RESOURCE_DEFINITIONS, createTransport, KubeClient, loadKubeconfig, SECRETS } from '@dark-carnival/kube';
import { startLocalServer } from '@dark-carnival/local';
import { dump, load } from 'js-yaml';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { percentile, type Row, residentMB, timeAll } from './measure.ts';

const root = join(import.meta.dirname, '..', '..');
const WAGONS_IN_FLEET = 500;
const BEATS = 10_000;
const IN_FLIGHT = 32;
const TOKEN = 'token-of-the-fleet';
/** Units of /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A controller as a process of its own, and a fleet that only beats: how many heartbeats a second of one core takes. */
export async function benchHeartbeats(): Promise<Row[]> {
  const server = await startLocalServer({ store: 'memory', token: TOKEN });
  const folder = mkdtempSync(join(tmpdir(), 'bench-heartbeats-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeKubeconfig(kubeconfig, server.url);
  await declareFleet(new KubeClient(createTransport(loadKubeconfig({ path: kubeconfig, env: {} }))));
  const { child, hub } = await startController(kubeconfig);
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  try {
    const pid = child.pid ?? 0;
    // Everybody is Ready, and every token is known.
    await timeAll(WAGONS_IN_FLEET, IN_FLIGHT, (index) => beat(hub, agent, index));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const perCore: number[] = [];
    const perSecond: number[] = [];
    const latencies: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      const before = cpuSeconds(pid);
      const ms = await timeAll(BEATS, IN_FLIGHT, async (index) => {
        latencies.push(await beat(hub, agent, index % WAGONS_IN_FLEET));
      });
      perSecond.push(BEATS / (ms / 1000));
      perCore.push(BEATS / (cpuSeconds(pid) - before));
    }
    const note = `${BEATS} heartbeats of ${WAGONS_IN_FLEET} wagons, ${IN_FLIGHT} in flight, http on loopback; the answer is the lease`;
    return [
      {
        name: 'heartbeats per second of one core',
        unit: '/s',
        runs: perCore,
        note: `CPU time of the controller; ${note}`,
      },
      {
        name: 'heartbeats per second',
        unit: '/s',
        runs: perSecond,
        note: 'by the clock; the sender is on the same machine',
      },
      { name: 'a heartbeat and its answer, p99', unit: 'ms', runs: [percentile(latencies, 99)] },
      { name: 'RSS of the controller after that', unit: 'MB', runs: [residentMB(pid)] },
    ];
  } finally {
    agent.destroy();
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeKubeconfig(path: string, server: string): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server } }],
    users: [{ name: 'me', user: { token: TOKEN } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'me' } }],
    'current-context': 'local',
  };
  writeFileSync(path, dump(config), { mode: 0o600 });
}

const nameOf = (index: number) => `wagon-${index}`;

async function declareFleet(client: KubeClient): Promise<void> {
  for (const file of readdirSync(join(root, 'crds/generated'))) {
    const crd = load(readFileSync(join(root, 'crds/generated', file), 'utf8')) as KubeObject;
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
  }
  await timeAll(WAGONS_IN_FLEET, 20, async (index) => {
    const name = nameOf(index);
    const token = Buffer.from(TOKEN, 'utf8').toString('base64');
    await client.create<KubeObject & { data: object }>(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: wagonTokenSecretName(name), namespace: 'default' },
      data: { token },
    });
    await client.create<KubeObject>(WAGONS, {
      apiVersion: API_VERSION,
      kind: 'Wagon',
      metadata: { name, namespace: 'default' },
      spec: { nodeID: name, role: 'CORE', runtime: { type: 'External' }, providers: [] },
    });
  });
}

async function startController(kubeconfig: string): Promise<{ child: ChildProcess; hub: string }> {
  const main = join(root, 'controller/src/main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, '--kubeconfig', kubeconfig, '--hub-port', '0'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CARNIVAL_LOG_LEVEL: 'error' },
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8')));
    child.once('exit', (code) => reject(new Error(`the controller ended with ${code}`)));
  });
  return { child, hub: (JSON.parse(line) as { hub: string }).hub };
}

/** @returns milliseconds from the first byte sent to the last one read. */
function beat(hub: string, agent: Agent, index: number): Promise<number> {
  const wagon = new ScriptedWagon({ nodeID: nameOf(index) });
  const body = JSON.stringify(wagon.heartbeat({ address: 'http://127.0.0.1:9' }));
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asking = request(`${hub}/api/nodes/register`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - began);
        else reject(new Error(`a heartbeat was answered ${answer.statusCode}`));
      });
    });
    asking.once('error', reject).end(body);
  });
}

/** User and system time of a process, all of its threads. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
