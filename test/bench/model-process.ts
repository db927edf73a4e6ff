import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../harness/free-port.ts';

/** A model that knows its part in every seat and answers after so long, as a process of its own: its work is not counted as ours. */
export async function startModel(delayMs: number): Promise<{ endpoint: string; stop(): void }> {
  const port = await freePort();
  const script = join(import.meta.dirname, '..', 'harness', 'counting-model.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, `${port}`, `${delayMs}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: child.stdout }), 'line');
  child.stdout.resume();
  return { endpoint: `http://127.0.0.1:${port}/v1`, stop: () => child.kill() };
}
