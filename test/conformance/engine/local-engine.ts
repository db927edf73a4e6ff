import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalServer } from '../../../local/src/start-local-server.ts';
import { type Engine, Http } from './engine.ts';
import { writeKubeconfig } from './kubeconfig-file.ts';

/** Small, so that a case can run out of it. */
export const HISTORY_LIMIT = 50;

/** Starts the local server on a store and a certificate of its own. */
export async function startLocalEngine(): Promise<Engine> {
  const dir = mkdtempSync(join(tmpdir(), 'conformance-local-'));
  const token = randomBytes(24).toString('hex');
  const server = await startLocalServer({
    store: { path: join(dir, 'store.db') },
    token,
    tls: { dir: join(dir, 'pki') },
    historyLimit: HISTORY_LIMIT,
  });
  const kubeconfig = join(dir, 'kubeconfig');
  const ca = server.caPem === undefined ? {} : { ca: server.caPem };
  writeKubeconfig(kubeconfig, { url: server.url, token, ...ca });
  const http = new Http({ url: server.url, token, ...ca });
  return {
    name: 'local',
    url: server.url,
    kubeconfig,
    http,
    hasControllers: true,
    stop: async () => {
      http.close();
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
