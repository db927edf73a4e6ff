import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WAGONS, type Wagon } from '@dark-carnival/crds';
import { createTransport, KubeClient, loadKubeconfig } from '@dark-carnival/kube';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

const root = join(import.meta.dirname, '..', '..');

/** A whole control plane as `npm start` makes it, on free ports and in a folder of its own. */
export interface Stack {
  dataDir: string;
  kubeconfig: string;
  hubUrl: string;
  token: string;
  client: KubeClient;
  /** All that `carnival up` printed so far. */
  output(): string;
  /** Runs `carnival …` against this stack. */
  carnival(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  stop(): Promise<void>;
}

interface StackOptions {
  /** NODE_ID:ROLE pairs; each gets a free port. */
  wagons?: string[];
  /** Added to an environment without any provider. */
  env?: Record<string, string>;
  dataDir?: string;
  /** Keeps the data folder after stop, to start on it again. */
  keepData?: boolean;
}

/** Only what a process needs to run: a developer's own keys must neither be used nor be found by a test. */
function bareEnvironment(extra: Record<string, string>): Record<string, string> {
  const bare: Record<string, string> = { OLLAMA_HOST: 'http://127.0.0.1:9', NO_COLOR: '1' };
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'CI']) {
    const value = process.env[name];
    if (value !== undefined) bare[name] = value;
  }
  return { ...bare, ...extra };
}

/** Starts `carnival up` and waits until every wagon is Ready. */
export async function startStack({
  wagons = ['LXC-CORE:CORE'],
  env = {},
  dataDir,
  keepData = false,
}: StackOptions = {}): Promise<Stack> {
  const dir = dataDir ?? mkdtempSync(join(tmpdir(), 'carnival-'));
  const hubPort = await freePort();
  const placed: string[] = [];
  for (const wagon of wagons) placed.push(`${wagon}=${await freePort()}`);
  const environment = bareEnvironment(env);
  const child = spawn(
    process.execPath,
    [join(root, 'cli/bin/carnival.mjs'), 'up', '--data', dir, '--port', String(hubPort), '--wagons', placed.join(',')],
    {
      env: environment,
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  const kubeconfig = join(dir, 'kubeconfig');
  const config = await eventually(
    async () => {
      if (child.exitCode !== null) throw new Error(`carnival up ended with ${child.exitCode}: ${printed}`);
      return loadKubeconfig({ path: kubeconfig, env: {} });
    },
    { timeoutMs: 30_000, what: 'the kubeconfig' },
  );
  const transport = createTransport(config);
  const client = new KubeClient(transport);
  await eventually(
    async () => {
      const { items } = await client.list<Wagon>(WAGONS, { namespace: 'default' });
      return items.length >= wagons.length && items.every((wagon) => wagon.status?.phase === 'Ready')
        ? items
        : undefined;
    },
    { timeoutMs: 30_000, what: `every wagon to be Ready; carnival up printed: ${printed}` },
  ).catch(async (error: unknown) => {
    await stopChild(child);
    throw new Error(`the stack did not come up; carnival up printed:\n${printed}`, { cause: error });
  });

  return {
    dataDir: dir,
    kubeconfig,
    hubUrl: `http://127.0.0.1:${hubPort}`,
    token: config.credentials.current().token ?? '',
    client,
    output: () => printed,
    carnival: (...args) => runCarnival(args, { ...environment, KUBECONFIG: kubeconfig }),
    stop: async () => {
      await transport.close();
      await stopChild(child);
      if (!keepData) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Runs the CLI as a process, without a terminal. */
export function runCarnival(
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'cli/bin/carnival.mjs'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.once('error', reject).once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}
