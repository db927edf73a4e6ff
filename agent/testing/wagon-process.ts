import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { WagonClient } from './wagon-client.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
export const TOKEN = 'the-token-of-this-wagon';

/** A wagon as its own process. */
export interface WagonProcess {
  client: WagonClient;
  /** What it said when it was ready. */
  ready: { ready: boolean; url: string; nodeID: string };
  /** All of stderr so far. */
  log: () => string;
  kill: (signal: NodeJS.Signals) => Promise<{ code: number | null; signal: string | null }>;
  closeStdin: () => Promise<{ code: number | null; signal: string | null }>;
}

/** Starts `main.ts` and waits for its line. @throws with stderr where it ends before. */
export async function startProcess(env: Record<string, string>, args: string[] = []): Promise<WagonProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { PATH: process.env.PATH, CARNIVAL_WAGON_TOKEN: TOKEN, PORT: '0', NODE_ID: 'LXC-CORE', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8');
  });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  const exit = closed.then(([code, signal]) => ({ code, signal }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const line = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const first = await Promise.race([line, exit]);
  if (!Array.isArray(first)) throw new Error(`exit ${first.code}: ${log}`);
  const ready = JSON.parse(first[0]) as WagonProcess['ready'];
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exit;
  };
  const closeStdin = () => {
    child.stdin.end();
    return exit;
  };
  return { client: new WagonClient(ready.url, TOKEN), ready, log: () => log, kill, closeStdin };
}
