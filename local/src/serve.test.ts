import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SERVE = fileURLToPath(new URL('./serve.ts', import.meta.url));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** One server process. */
class Served {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly ready: Promise<{ url: string; kubeconfig: string }>;

  constructor(args: string[]) {
    this.process = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SERVE, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    this.process.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    this.ready = new Promise((resolve) => {
      this.process.stdout?.on('data', (chunk) => {
        stdout += chunk;
        if (stdout.includes('\n')) resolve(JSON.parse(stdout.slice(0, stdout.indexOf('\n'))));
      });
    });
    this.ended = new Promise((resolve) => this.process.once('close', (code) => resolve({ code, stdout, stderr })));
  }
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { token: string } }[];
}

describe('the server process', () => {
  let dir: string;
  const running: Served[] = [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'serve-'));
  });
  afterEach(async () => {
    for (const served of running.splice(0)) {
      served.process.kill('SIGKILL');
      await served.ended;
    }
    chmodSync(dir, 0o700);
    rmSync(dir, { recursive: true, force: true });
  });

  const serve = (...args: string[]) => {
    const served = new Served(args);
    running.push(served);
    return served;
  };

  /** A client that knows no more than the kubeconfig. */
  const clientOf = (kubeconfig: string) => {
    const { clusters, users } = load(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const cluster = clusters[0]?.cluster;
    const ca = Buffer.from(cluster?.['certificate-authority-data'] ?? '', 'base64').toString();
    const dispatcher = new Agent({ connect: { ca } });
    const send = async (method: 'GET' | 'POST', path: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${users[0]?.user.token}`, 'content-type': 'application/json' };
      const response = await request(`${cluster?.server}${path}`, {
        method,
        headers,
        dispatcher,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return {
        status: response.statusCode,
        body: (await response.body.json()) as {
          metadata: { resourceVersion: string };
          items: { metadata: { name: string } }[];
        },
      };
    };
    return { send, close: () => dispatcher.destroy() };
  };
  const MAPS = '/api/v1/namespaces/default/configmaps';
  const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

  it('says in one line where it serves, and its kubeconfig is all that a client needs', async () => {
    const data = join(dir, 'data');
    const { url, kubeconfig } = await serve('--data', data).ready;
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const client = clientOf(kubeconfig);
    expect((await client.send('POST', MAPS, configMap('a'))).status).toBe(201);
    await client.close();
    for (const file of ['kubeconfig', 'token', 'state.db', 'pki/ca.key', 'pki/server.key']) {
      expect([file, statSync(join(data, file)).mode & 0o077]).toEqual([file, 0]);
    }
  });

  it('keeps every acknowledged write, its token and its CA through kill -9', async () => {
    const data = join(dir, 'data');
    const first = serve('--data', data);
    const { kubeconfig } = await first.ready;
    const ca = readFileSync(join(data, 'pki/ca.crt'), 'utf8');
    const token = readFileSync(join(data, 'token'), 'utf8');
    const client = clientOf(kubeconfig);
    const acknowledged: { name: string; revision: number }[] = [];
    const writer = async (lane: number) => {
      for (let i = 0; ; i += 1) {
        const name = `m-${lane}-${i}`;
        const { status, body } = await client.send('POST', MAPS, configMap(name));
        if (status === 201) acknowledged.push({ name, revision: Number(body.metadata.resourceVersion) });
        if (acknowledged.length === 200) first.process.kill('SIGKILL');
      }
    };
    await Promise.all([1, 2, 3, 4].map((lane) => writer(lane).catch(() => {})));
    await client.close();
    expect((await first.ended).code).toBeNull();

    const again = await serve('--data', data).ready;
    const reader = clientOf(again.kubeconfig);
    const { body } = await reader.send('GET', MAPS);
    const names = new Set(body.items.map(({ metadata }) => metadata.name));
    expect(acknowledged.filter(({ name }) => !names.has(name))).toEqual([]);
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThanOrEqual(
      Math.max(...acknowledged.map(({ revision }) => revision)),
    );
    await reader.close();
    expect(readFileSync(join(data, 'pki/ca.crt'), 'utf8')).toBe(ca);
    expect(readFileSync(join(data, 'token'), 'utf8')).toBe(token);
  });

  it('refuses a folder that another server has, in one line', async () => {
    const data = join(dir, 'data');
    await serve('--data', data).ready;
    const { code, stdout, stderr } = await serve('--data', data).ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^local API server: .* is in use by another server: .*\n$/);
  });

  it('refuses a port that is taken, in one line', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await serve('--data', join(dir, 'data'), '--port', String(port)).ended;
    expect(code).toBe(1);
    expect(stderr).toBe(`local API server: port ${port} is taken: choose another with --port\n`);
    taken.close();
  });

  it('refuses a folder that cannot be one, in one line', async () => {
    const { code, stderr } = await serve('--data', '/dev/null/data').ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^local API server: the data folder \/dev\/null\/data cannot be written .*\n$/);
  });

  it.each([[[]], [['--data', 'x', '--port', '70000']], [['--data', 'x', '--colour']]])(
    'exits 2 on the arguments %j',
    async (args) => {
      const { code, stderr } = await serve(...args).ended;
      expect(code).toBe(2);
      expect(stderr.split('\n')).toHaveLength(2);
    },
  );

  it('ends cleanly on SIGTERM, open watches included, and leaves the folder free', async () => {
    const data = join(dir, 'data');
    const first = serve('--data', data);
    const { kubeconfig } = await first.ready;
    const client = clientOf(kubeconfig);
    const watch = client.send('GET', `${MAPS}?watch=1`).catch(() => undefined);
    await client.send('GET', MAPS);
    first.process.kill('SIGTERM');
    const { code, stderr } = await first.ended;
    expect([code, stderr]).toEqual([0, '']);
    await watch;
    await client.close();
    expect(existsSync(join(data, 'state.db'))).toBe(true);
    await serve('--data', data).ready;
  });

  it('goes with its parent when told to', async () => {
    const served = serve('--data', join(dir, 'data'), '--exit-with-parent');
    await served.ready;
    served.process.stdin?.end();
    expect((await served.ended).code).toBe(0);
  });
});
