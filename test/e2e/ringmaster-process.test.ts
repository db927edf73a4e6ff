import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KubeObject, LEADER_LEASE } from '@dark-carnival/crds';
import { CUSTOM_RESOURCE_DEFINITIONS, createTransport, KubeClient, LEASES, loadKubeconfig } from '@dark-carnival/kube';
import { type LocalServer, startLocalServer } from '@dark-carnival/local';
import { dump, load } from 'js-yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';

const root = join(import.meta.dirname, '..', '..');
type Lease = KubeObject<{ holderIdentity?: string; leaseTransitions?: number }>;

interface Running {
  child: ChildProcess;
  out: string;
  err: string;
  exited: Promise<number | null>;
}

describe('the Ringmaster as a process', () => {
  let server: LocalServer;
  let client: KubeClient;
  const folder = mkdtempSync(join(tmpdir(), 'ringmaster-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const children: Running[] = [];

  beforeAll(async () => {
    const token = 'a-token-for-the-test';
    server = await startLocalServer({ store: 'memory', token });
    const cluster = { name: 'local', cluster: { server: server.url } };
    const user = { name: 'me', user: { token } };
    const context = { name: 'local', context: { cluster: 'local', user: 'me' } };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [cluster],
      users: [user],
      contexts: [context],
      'current-context': 'local',
    };
    writeFileSync(kubeconfig, dump(config), { mode: 0o600 });
    client = new KubeClient(createTransport(loadKubeconfig({ path: kubeconfig, env: {} })));
    for (const file of readdirSync(join(root, 'crds/generated'))) {
      await client.create(
        CUSTOM_RESOURCE_DEFINITIONS,
        load(readFileSync(join(root, 'crds/generated', file), 'utf8')) as KubeObject,
      );
    }
  });
  afterEach(async () => {
    for (const { child, exited } of children.splice(0)) {
      child.kill('SIGTERM');
      await exited;
    }
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(...args: string[]): Running {
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(root, 'controller/src/main.ts'),
        '--kubeconfig',
        kubeconfig,
        ...args,
      ],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    const running: Running = {
      child,
      out: '',
      err: '',
      exited: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (running.out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (running.err += chunk));
    children.push(running);
    return running;
  }
  const ready = (running: Running) =>
    eventually(
      async () =>
        running.out.includes('\n') ? (JSON.parse(running.out) as { ready: boolean; hub: string }) : undefined,
      {
        timeoutMs: 30_000,
        what: `the ready line; it said ${running.err}`,
      },
    );
  const lease = () => client.get<Lease>(LEASES, { namespace: 'default', name: LEADER_LEASE });

  it('says one line when it is ready, and gives the lease back when it is told to stop', async () => {
    const running = start('--hub-port', '0');
    const { hub } = await ready(running);
    expect((await fetch(`${hub}/healthz`)).status).toBe(200);
    expect((await lease()).spec?.holderIdentity).toBeTruthy();
    running.child.kill('SIGTERM');
    expect(await running.exited).toBe(0);
    expect((await lease()).spec?.holderIdentity).toBeFalsy();
    // Logs are JSON, every line.
    for (const line of running.err.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
    expect(running.err).not.toContain('a-token-for-the-test');
  });

  it('is succeeded at once when it was killed', async () => {
    const port = String(await freePort());
    const first = start('--hub-port', port);
    await ready(first);
    const before = (await lease()).spec?.leaseTransitions ?? 0;
    first.child.kill('SIGKILL');
    await first.exited;
    const killedAt = performance.now();
    await ready(start('--hub-port', port));
    expect((await lease()).spec?.leaseTransitions).toBe(before + 1);
    // The lease that it held would have run 15 s.
    expect(performance.now() - killedAt).toBeLessThan(12_000);
  });

  it('ends with its parent', async () => {
    const running = start('--hub-port', '0', '--exit-with-parent');
    await ready(running);
    running.child.stdin?.end();
    expect(await running.exited).toBe(0);
  });

  it('says in one line that its port is taken', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as { port: number };
    const running = start('--hub-port', String(port));
    expect(await running.exited).toBe(1);
    expect(running.err.trim().split('\n')).toHaveLength(1);
    expect(running.err).toMatch(new RegExp(`port ${port} on 127.0.0.1 is taken.*--hub-port`));
    holder.close();
  });

  it.each([
    { name: 'a flag that it does not know', args: ['--port', '1'], want: /--hub-port/, code: 2 },
    { name: 'a port that is none', args: ['--hub-port', '99999'], want: /--hub-port/, code: 2 },
    { name: 'a host that is not loopback', args: ['--hub-host', '0.0.0.0'], want: /loopback/, code: 1 },
    { name: 'a kubeconfig that is not there', args: ['--kubeconfig', '/nowhere'], want: /does not exist/, code: 1 },
  ])('says in one line what is wrong: $name', async ({ args, want, code }) => {
    const running = start(...args);
    expect(await running.exited).toBe(code);
    expect(running.err.trim().split('\n')).toHaveLength(1);
    expect(running.err).toMatch(want);
  });
});
