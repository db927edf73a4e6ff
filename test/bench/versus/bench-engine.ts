import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OBJECTIVES } from '@dark-carnival/crds';
import { type ClusterConfig, createTransport, KubeClient, loadKubeconfig, type Transport } from '@dark-carnival/kube';
import { applyCrds } from '../../../local/src/up/engine/apply-crds.ts';
import { CRD_FOLDER, PROGRAMS, V8_FLAGS } from '../../../local/src/up/programs.ts';
import { ServerProcess } from '../../conformance/engine/child.ts';
import { startRealServer } from '../../conformance/engine/real-server.ts';
import { eventually } from '../../harness/eventually.ts';
import { freePort } from '../../harness/free-port.ts';
import { residentMB } from '../measure.ts';

/** An API server in processes of its own, with its store on disk, spoken to over https by the same client as the other. */
export interface BenchEngine {
  name: string;
  cluster: ClusterConfig;
  client: KubeClient;
  transport: Transport;
  /** Resident memory of all its processes, MB. */
  memory(): number;
  /** Stops it and starts it again on the same data. @returns seconds from the start until it serves a read. */
  restart(): Promise<number>;
  stop(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');

function connect(kubeconfig: string): Pick<BenchEngine, 'cluster' | 'client' | 'transport'> {
  const cluster = loadKubeconfig({ path: kubeconfig, env: {} });
  const transport = createTransport(cluster);
  return { cluster, transport, client: new KubeClient(transport) };
}

/** Starts an engine on data that it has. @returns seconds until it serves a read of our kind. */
async function untilServed(client: KubeClient, start: () => Promise<void>): Promise<number> {
  const began = performance.now();
  const started = start();
  const read = () => client.list(OBJECTIVES, { namespace: 'default', limit: 1 }).then(() => true as const);
  await eventually(read, { timeoutMs: 120_000, everyMs: 20, what: 'the engine to serve' });
  await started;
  return (performance.now() - began) / 1000;
}

/**
 * The local engine as `carnival up` starts it, on an empty folder, but not for the first time after `npm ci`: parsed code is there (without it a process
 * also carries the compiler that strips types, some 25 MB).
 */
export async function startLocal(): Promise<BenchEngine> {
  const data = mkdtempSync(join(tmpdir(), 'carnival-bench-'));
  const port = await freePort();
  const args = ['--disable-warning=ExperimentalWarning', ...V8_FLAGS.api, PROGRAMS.api];
  const env = { NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'dark-carnival') };
  const log = join(data, 'serve.log');
  const kubeconfig = join(data, 'kubeconfig');
  let server: ServerProcess | undefined;
  const startOn = async (folder: string) => {
    rmSync(log, { force: true });
    server = new ServerProcess(
      'local',
      process.execPath,
      [...args, '--data', folder, '--port', String(port)],
      log,
      env,
    );
    const isReady = async () => (readFileSync(log, 'utf8').includes('"ready":true') ? true : undefined);
    await eventually(isReady, { timeoutMs: 120_000, everyMs: 10, what: 'the local server to be ready' });
  };
  const start = () => startOn(data);
  // Parsed code is written down when a process ends.
  await startOn(join(data, 'elsewhere'));
  await server?.stop();
  await start();
  const { cluster, client, transport } = connect(kubeconfig);
  await applyCrds(client, CRD_FOLDER);
  return {
    name: 'local',
    cluster,
    client,
    transport,
    memory: () => residentMB(server?.pid ?? 0),
    restart: async () => {
      await server?.stop();
      return untilServed(client, start);
    },
    stop: async () => {
      await transport.close();
      await server?.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** kube-apiserver and etcd of an envtest folder; etcd without fsync, since the local engine does not wait for the disk at each write either. @param flags more of kube-apiserver */
export async function startKubernetes(assets: string, flags: readonly string[] = []): Promise<BenchEngine> {
  const server = await startRealServer(assets, flags);
  const { cluster, client, transport } = connect(server.kubeconfig);
  await applyCrds(client, CRD_FOLDER);
  return {
    name: 'kube-apiserver + etcd',
    cluster,
    client,
    transport,
    memory: () => server.pids().reduce((sum, pid) => sum + residentMB(pid), 0),
    restart: async () => {
      await server.halt();
      return untilServed(client, () => server.start());
    },
    stop: async () => {
      await transport.close();
      await server.stop();
    },
  };
}
