import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../harness/eventually.ts';
import { freePort } from '../../harness/free-port.ts';
import { ServerProcess } from './child.ts';
import { type Engine, Http } from './engine.ts';
import { writeKubeconfig } from './kubeconfig-file.ts';

/** The files that a kube-apiserver reads, in a folder of their own. */
function prepareFolder(): { dir: string; token: string } {
  const dir = mkdtempSync(join(tmpdir(), 'conformance-real-'));
  const token = randomBytes(24).toString('hex');
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: pem,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(join(dir, 'sa.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(dir, 'sa.pub'), publicKey);
  writeFileSync(join(dir, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  return { dir, token };
}

const apiServerFlags = (dir: string, port: number, etcd: number) => [
  `--etcd-servers=http://127.0.0.1:${etcd}`,
  '--bind-address=127.0.0.1',
  `--secure-port=${port}`,
  `--cert-dir=${join(dir, 'certs')}`,
  `--token-auth-file=${join(dir, 'tokens.csv')}`,
  '--authorization-mode=RBAC',
  `--service-account-key-file=${join(dir, 'sa.pub')}`,
  `--service-account-signing-key-file=${join(dir, 'sa.key')}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  '--service-cluster-ip-range=10.96.0.0/16',
];

/** Two controllers are part of what the local server does itself; they run where their binary is at hand. */
const controllerFlags = (dir: string, kubeconfig: string, port: number) => [
  `--kubeconfig=${kubeconfig}`,
  '--controllers=garbage-collector-controller,namespace-controller',
  '--leader-elect=false',
  '--bind-address=127.0.0.1',
  `--secure-port=${port}`,
  `--cert-dir=${join(dir, 'controller-certs')}`,
];

/** Asks etcd by its JSON gateway: the API server itself compacts every five minutes only. */
async function compactEtcd(client: string): Promise<void> {
  const ask = async (path: string, body: object) => {
    const answer = await fetch(`${client}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd: ${path} answered ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { header: { revision: string } };
  };
  // Any read tells the revision.
  const { header } = await ask('kv/range', { key: Buffer.from('a').toString('base64') });
  await ask('kv/compaction', { revision: header.revision, physical: true });
}

/** A kube-apiserver with its etcd. */
export interface RealServer extends Engine {
  /** Called once the CRDs are there. */
  startControllers(): Promise<void>;
  /** Of etcd and kube-apiserver. */
  pids(): number[];
  /** Stops its processes and keeps its data. */
  halt(): Promise<void>;
  /** Starts them again; resolves once the server is ready. */
  start(): Promise<void>;
}

/** Starts etcd and kube-apiserver of an envtest folder on free ports. @param more flags of kube-apiserver */
export async function startRealServer(assets: string, more: readonly string[] = []): Promise<RealServer> {
  const { dir, token } = prepareFolder();
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const kubeconfig = join(dir, 'kubeconfig');
  const url = `https://127.0.0.1:${port}`;
  writeKubeconfig(kubeconfig, { url, token });
  const client = `http://127.0.0.1:${etcdPort}`;
  const etcdFlags = [
    '--data-dir',
    join(dir, 'etcd'),
    '--listen-client-urls',
    client,
    '--advertise-client-urls',
    client,
  ];
  const peerFlags = ['--listen-peer-urls', `http://127.0.0.1:${peerPort}`, '--unsafe-no-fsync', '--log-level', 'warn'];
  let processes: ServerProcess[] = [];
  const http = new Http({ url, token });
  const halt = async () => {
    for (const process of processes.toReversed()) await process.stop();
  };
  const stop = async () => {
    http.close();
    await halt();
    rmSync(dir, { recursive: true, force: true });
  };
  const start = async () => {
    const etcd = new ServerProcess('etcd', join(assets, 'etcd'), [...etcdFlags, ...peerFlags], join(dir, 'etcd.log'));
    const flags = [...apiServerFlags(dir, port, etcdPort), ...more];
    processes = [
      etcd,
      new ServerProcess('kube-apiserver', join(assets, 'kube-apiserver'), flags, join(dir, 'api.log')),
    ];
    const answers = async () => {
      for (const process of processes) process.assertAlive();
      return (await http.send({ method: 'GET', path: '/readyz' })).status === 200 ? true : undefined;
    };
    await eventually(answers, { timeoutMs: 90_000, what: 'kube-apiserver to be ready' });
  };
  const controllers = join(assets, 'kube-controller-manager');
  const startControllers = async () => {
    if (!existsSync(controllers)) return;
    const flags = controllerFlags(dir, kubeconfig, await freePort());
    processes.push(new ServerProcess('kube-controller-manager', controllers, flags, join(dir, 'controllers.log')));
  };
  await start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    name: 'real',
    url,
    kubeconfig,
    http,
    stop,
    pids: () => processes.flatMap(({ pid }) => pid ?? []),
    halt,
    start,
    hasControllers: existsSync(controllers),
    startControllers,
    power: {
      halt,
      compact: () => compactEtcd(client),
      start: async () => {
        http.close();
        await start();
        await startControllers();
      },
    },
  };
}
