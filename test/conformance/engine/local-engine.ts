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
  const serve = (port: number) =>
    startLocalServer({
      store: { path: join(dir, 'store.db') },
      token,
      tls: { dir: join(dir, 'pki') },
      historyLimit: HISTORY_LIMIT,
      port,
    });
  let server = await serve(0);
  const { url } = server;
  const kubeconfig = join(dir, 'kubeconfig');
  const ca = server.caPem === undefined ? {} : { ca: server.caPem };
  writeKubeconfig(kubeconfig, { url, token, ...ca });
  const http = new Http({ url, token, ...ca });
  return {
    name: 'local',
    url,
    kubeconfig,
    http,
    hasControllers: true,
    power: {
      halt: () => server.close(),
      compact: async () => server.compact(),
      start: async () => {
        http.close();
        server = await serve(Number(new URL(url).port));
      },
    },
    stop: async () => {
      http.close();
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
