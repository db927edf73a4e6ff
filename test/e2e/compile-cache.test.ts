import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';

/** Parsed code is kept between starts: every process uses it, and none needs it. */

const BIN = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'carnival.mjs');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'carnival-cache-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Starts everything with its parsed code in `cache`, looks at it once it is ready, and stops it. */
async function whileReady(cache: string, look: (up: ChildProcess) => void): Promise<void> {
  const ports = [await freePort(), await freePort()];
  const args = ['up', '--data', join(dir, 'data'), '--port', String(ports[0]), '--wagons', `A=${ports[1]}`];
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir, OLLAMA_HOST: 'http://127.0.0.1:9' };
  const up = spawn(process.execPath, [BIN, ...args], {
    cwd: dir,
    env: { ...env, NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => up.once('close', resolve));
  let printed = '';
  for (const stream of [up.stdout, up.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
    });
  }
  try {
    await eventually(
      async () => {
        if (up.exitCode !== null) throw new Error(printed);
        return /^ready in /m.test(printed) ? true : undefined;
      },
      { timeoutMs: 60_000, what: 'the ready line' },
    );
    look(up);
  } finally {
    up.kill('SIGTERM');
  }
  expect(await exited, printed).toBe(0);
}

/** The variable in each process that `up` started. */
function cachesOfChildren({ pid }: ChildProcess): string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return children.map((child) => {
    const variables = readFileSync(`/proc/${child}/environ`, 'utf8').split('\0');
    return variables.find((variable) => variable.startsWith('NODE_COMPILE_CACHE=')) ?? 'none';
  });
}

describe('parsed code', () => {
  it.skipIf(!existsSync('/proc/self'))(
    'is kept by the first start for all processes, and may be thrown away',
    async () => {
      const cache = join(dir, 'cache');
      await whileReady(cache, (up) => {
        expect(cachesOfChildren(up)).toEqual(Array(3).fill(`NODE_COMPILE_CACHE=${cache}`));
      });
      expect(readdirSync(cache)).not.toEqual([]);
      rmSync(cache, { recursive: true });
      await whileReady(cache, () => {});
      expect(readdirSync(cache)).not.toEqual([]);
    },
    150_000,
  );

  it('that cannot be kept stops no start', async () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    await whileReady(join(file, 'cache'), () => {});
    expect(readFileSync(file, 'utf8')).toBe('');
  }, 150_000);
});
