import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configMaps } from './registry/builtin/config-map.ts';
import { RevisionStore } from './store/revision-store.ts';

const SERVE = fileURLToPath(new URL('./serve.ts', import.meta.url));
const OBJECTS = 10_000;
const OBJECT_BYTES = 4096;

/** Puts the objects where a server will find them. */
function fill(database: string): void {
  const store = new RevisionStore({
    path: database,
    attributesOf: () => ({ labels: undefined, fields: {} }),
    historyLimit: OBJECTS,
    cacheBytes: OBJECT_BYTES,
    defer: () => {},
    onFault: (error) => {
      throw error;
    },
  });
  for (let index = 0; index < OBJECTS; index += 1) {
    const metadata = { name: `m-${index}`, namespace: 'default', uid: `uid-${index}` };
    const data = { text: 'x'.repeat(OBJECT_BYTES) };
    store.put(configMaps.storage, `default/${metadata.name}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  }
  store.close();
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { token: string } }[];
}

// VmHWM, the largest that a process has been, is Linux's.
describe.runIf(process.platform === 'linux')('the memory of the server process', () => {
  let dir: string;
  let stop: () => Promise<unknown>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'serve-memory-'));
  });
  afterEach(async () => {
    await stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('does not grow by a list of 43 MB, neither while its reader waits nor once it has read', {
    timeout: 60_000,
  }, async () => {
    fill(join(dir, 'state.db'));
    const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SERVE, '--data', dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    stop = async () => {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    };
    await once(server.stdout, 'data');
    const largestMB = () => {
      const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
      return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
    };
    const { clusters, users } = load(readFileSync(join(dir, 'kubeconfig'), 'utf8')) as Kubeconfig;
    const list = async () => {
      const request = get(`${clusters[0]?.cluster.server}/api/v1/configmaps`, {
        agent: false,
        ca: Buffer.from(clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64'),
        headers: { authorization: `Bearer ${users[0]?.user.token}` },
      });
      const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
      return response;
    };
    const bytesOf = async (response: AsyncIterable<Buffer>) => {
      let bytes = 0;
      for await (const chunk of response) bytes += chunk.length;
      return bytes;
    };
    // What the first one touches is code and pages of the database, not the list.
    await bytesOf(await list());
    const before = largestMB();
    const waiting = await Promise.all([list(), list(), list()]);
    for (const response of waiting) expect(await bytesOf(response)).toBeGreaterThan(OBJECTS * OBJECT_BYTES);
    // Three lists at once would be 129 MB; here lie what garbage collection has not seen to yet, and the sockets' buffers.
    expect(largestMB() - before).toBeLessThan(40);
  });
});
