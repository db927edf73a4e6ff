import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ANNOTATIONS,
  API_VERSION,
  type KubeObject,
  MODEL_PROVIDERS,
  type ModelProvider,
  WAGONS,
  type Wagon,
} from '@dark-carnival/crds';
import { createTransport, KubeClient, loadKubeconfig, SECRETS } from '@dark-carnival/kube';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';

/** `carnival up` as a person starts it: what it says, what it keeps running, and that it leaves nothing behind. */

const BIN = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'carnival.mjs');
const CANARY = 'sk-canary-5f1d0c7b';

interface Up {
  child: ChildProcess;
  output(): string;
  exited: Promise<number | null>;
}

const running: Up[] = [];

function up(cwd: string, args: string[], env: Record<string, string> = {}): Up {
  const child = spawn(process.execPath, [BIN, 'up', ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, OLLAMA_HOST: 'http://127.0.0.1:9', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const started = { child, output: () => printed, exited };
  running.push(started);
  return started;
}

async function ready({ output, child }: Up): Promise<void> {
  await eventually(
    async () => {
      if (child.exitCode !== null) throw new Error(output());
      return /^ready in /m.test(output()) ? true : undefined;
    },
    { timeoutMs: 90_000, what: 'the ready line' },
  );
}

/** Processes whose command line or data folder names `dir`, by what they run. */
function processesOf(dir: string): { pid: number; program: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const ours = line.includes(dir) || environment.includes(`CARNIVAL_DATA=${dir}`);
        const program =
          /(serve|main|carnival)\.(ts|mjs)/.exec(line) && /\S*\/(local|controller|agent|cli)\/\S+/.exec(line);
        return ours && program ? [{ pid: Number(pid), program: program[1] ?? '' }] : [];
      } catch {
        return [];
      }
    });
}

const pidOf = (dir: string, program: string): number => {
  const found = processesOf(dir)
    .filter((one) => one.program === program)
    .map(({ pid }) => pid);
  return found.at(-1) ?? 0;
};

/** Every pid of the local workspace is either `up` itself or the API server, which has the data folder in its arguments as --data. */
const apiPid = (dir: string): number =>
  processesOf(dir)
    .map(({ pid }) => pid)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('serve.ts')) ?? 0;

let dir: string;
let data: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'carnival-up-'));
  data = join(dir, 'data');
});
afterEach(async () => {
  for (const { child, exited } of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  }
  await eventually(async () => (processesOf(dir).length === 0 ? true : undefined), {
    timeoutMs: 20_000,
    what: 'all processes to be gone',
  });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const onLinux = existsSync('/proc/self/environ');

describe.skipIf(!onLinux)('carnival up', () => {
  it('keeps everything running, whoever is killed; starts a wagon that is applied; stops cleanly; goes on where it was', async () => {
    const [hub, port, other] = [await freePort(), await freePort(), await freePort()];
    const args = ['--data', data, '--port', String(hub), '--wagons', `LXC-CORE:CORE=${port}`];
    writeFileSync(join(dir, '.env'), `KIMI_API_KEY=${CANARY}\nKIMI_ENDPOINT=http://127.0.0.1:9/v1\n`);
    const first = up(dir, args);
    await ready(first);
    expect(first.output()).toContain('provider kimi: kimi-k2.6 (KIMI_ENDPOINT and KIMI_API_KEY in .env)');
    expect(first.output()).not.toContain('REHEARSAL');
    expect(first.output()).toMatch(new RegExp(`hub +http://127.0.0.1:${hub}/login\\?ticket=\\S+`));
    const client = new KubeClient(createTransport(loadKubeconfig({ path: join(data, 'kubeconfig'), env: {} })));

    // The key is where it belongs, bound to its host, and nowhere else.
    const secret = await client.get<KubeObject & { data?: Record<string, string> }>(SECRETS, {
      name: 'kimi-credentials',
      namespace: 'default',
    });
    expect(Buffer.from(secret.data?.['apiKey'] ?? '', 'base64').toString()).toBe(CANARY);
    expect(secret.metadata.annotations?.[ANNOTATIONS.allowedHosts]).toBe('127.0.0.1');
    for (const { pid } of processesOf(dir)) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      expect(environment.includes(CANARY)).toBe(false);
    }

    // A wagon of another namespace that somebody applies is started; one that is deleted is stopped.
    const wagon: KubeObject = {
      apiVersion: API_VERSION,
      kind: 'Wagon',
      metadata: { name: 'extra', namespace: 'default' },
      spec: { nodeID: 'EXTRA', role: 'MEDIA', runtime: { type: 'Process', process: { port: other } } },
    };
    await client.create(WAGONS, wagon);
    const phase = async (name: string) =>
      (await client.get<Wagon>(WAGONS, { name, namespace: 'default' })).status?.phase;
    await eventually(async () => ((await phase('extra')) === 'Ready' ? true : undefined), {
      timeoutMs: 60_000,
      what: 'the applied wagon',
    });
    await client.delete(WAGONS, { name: 'extra', namespace: 'default' });
    await eventually(async () => (first.output().includes('wagon extra is stopped') ? true : undefined), {
      timeoutMs: 30_000,
      what: 'the deleted wagon to stop',
    });

    // Whoever dies is brought back, and what a client held stays valid.
    for (const [pid, name] of [
      [apiPid(dir), 'the API server is back'],
      [pidOf(dir, 'controller'), 'the controller is back'],
      [pidOf(dir, 'agent'), 'wagon lxc-core runs again'],
    ] as const) {
      expect(pid, name).toBeGreaterThan(0);
      process.kill(pid, 'SIGKILL');
      await eventually(async () => (first.output().includes(name) ? true : undefined), {
        timeoutMs: 60_000,
        what: name,
      });
    }
    const before = await eventually(() => client.list<ModelProvider>(MODEL_PROVIDERS), {
      timeoutMs: 20_000,
      what: 'the API',
    });
    expect(loadKubeconfig({ path: join(data, 'kubeconfig'), env: {} }).hubUrl).toBe(`http://127.0.0.1:${hub}`);

    // Ctrl-C: everything ends, in order, and the folder is free.
    first.child.kill('SIGINT');
    expect(await first.exited).toBe(0);
    expect(first.output()).toContain('stopped; start again to go on');
    expect(processesOf(dir)).toEqual([]);

    // Again, without the key in the environment: what was there is there, at the same address, and nothing was written anew.
    writeFileSync(join(dir, '.env'), '');
    const second = up(dir, args);
    await ready(second);
    expect(second.output()).toContain('provider kimi: kept from an earlier start');
    const after = await client.list<ModelProvider>(MODEL_PROVIDERS);
    expect(after.items.map(({ metadata, spec }) => [metadata.uid, metadata.generation, spec])).toEqual(
      before.items.map(({ metadata, spec }) => [metadata.uid, metadata.generation, spec]),
    );

    // Killed without a chance to say anything, it leaves no process behind: afterEach waits for that.
    second.child.kill('SIGKILL');
    await second.exited;
    for (const { output } of [first, second]) expect(output()).not.toContain(CANARY);
    for (const log of readdirSync(join(data, 'logs')))
      expect(readFileSync(join(data, 'logs', log), 'utf8')).not.toContain(CANARY);
  }, 300_000);

  it('refuses a folder in use, a taken port and an unusable folder in one line, with exit code 1', async () => {
    const [hub, port] = [await freePort(), await freePort()];
    const folder = join(dir, 'second');
    const held = up(dir, ['--data', folder, '--port', String(hub), '--no-wagons']);
    await ready(held);
    expect(held.output()).toContain('REHEARSAL: no language model is configured.');
    expect(held.output()).toMatch(/ollama pull \S+\n\s+npm start/);
    const fresh = join(dir, 'third');
    const blocker = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    writeFileSync(join(dir, 'file'), '');
    const cases: [string[], string][] = [
      [
        ['--data', folder, '--port', String(await freePort())],
        `data folder ${folder} is in use by another carnival up (process `,
      ],
      [['--data', fresh, '--port', String(hub), '--no-wagons'], `port ${hub} for the hub is taken`],
      [
        ['--data', fresh, '--port', String(await freePort()), '--wagons', `A=${port}`],
        `port ${port} for wagon A is taken`,
      ],
      [
        ['--data', fresh, '--port', String(await freePort()), '--api-port', String(port), '--no-wagons'],
        `port ${port} for the API server is taken`,
      ],
      [['--data', join(dir, 'file')], 'cannot be written (a file is in the way)'],
    ];
    for (const [args, words] of cases) {
      const refused = up(dir, args);
      expect(await refused.exited, refused.output()).toBe(1);
      expect(refused.output()).toContain(words);
      expect(refused.output().trim().split('\n')).toHaveLength(1);
    }
    expect(existsSync(join(fresh, 'kubeconfig'))).toBe(false);
    await new Promise((resolve) => blocker.close(resolve));
    held.child.kill('SIGTERM');
    expect(await held.exited).toBe(0);
  }, 180_000);
});
