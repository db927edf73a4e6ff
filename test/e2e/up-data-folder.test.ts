import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../harness/free-port.ts';

/** Data folders that cannot be one: a line that says why, exit code 1, and no process that stays. */

const BIN = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'carnival.mjs');
/** A mount namespace of its own, so that a full or read-only disk can be made without touching the machine's. */
const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'carnival-disk-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Starts it on `data`, after `mount` was run as a shell script beside nobody else. */
async function refusal(data: string, mount?: string): Promise<{ status: number | null; lines: string[] }> {
  const up = [process.execPath, BIN, 'up', '--data', data, '--port', String(await freePort()), '--no-wagons'];
  const [command = '', ...args] =
    mount === undefined ? up : ['unshare', '-rm', 'sh', '-c', `${mount} && exec "$@"`, 'sh', ...up];
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir, OLLAMA_HOST: 'http://127.0.0.1:9' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: dir, env, timeout: 60_000, encoding: 'utf8' });
  const lines = `${stdout}${stderr}`.trim().split('\n');
  return { status, lines: lines.filter((line) => !line.startsWith('starting; data in ')) };
}

function processesOf(data: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return line.includes(`${data}\0`) ? [line] : [];
      } catch {
        return [];
      }
    });
}

describe('carnival up on a folder that cannot hold its data', () => {
  it.skipIf(!existsSync('/proc/self'))(
    'ends with a line where the system makes no folders',
    async () => {
      for (const data of ['/proc/carnival', '/proc/carnival/below']) {
        const { status, lines } = await refusal(data);
        expect({ status, lines }).toEqual({
          status: 1,
          lines: [expect.stringContaining('cannot be written (the system makes no folder there)')],
        });
      }
    },
    120_000,
  );

  it.skipIf(!canMount)(
    'ends with a line on a read-only disk',
    async () => {
      const disk = join(dir, 'disk');
      mkdirSync(disk);
      const mount = `mount -t tmpfs tmpfs ${disk} && mkdir ${disk}/old && mount -o remount,ro ${disk}`;
      for (const data of [join(disk, 'old'), join(disk, 'new')]) {
        const { status, lines } = await refusal(data, mount);
        expect({ status, lines }).toEqual({
          status: 1,
          lines: [expect.stringContaining('cannot be written (the disk is read-only)')],
        });
      }
    },
    120_000,
  );

  it.skipIf(!canMount).each([
    { size: '4k', says: /cannot be written \(the disk is full\): make room, / },
    { size: '16k', says: /the API server does not start \(.*no room left on the disk.*\); its log: / },
    {
      size: '100k',
      says: /the API server does not take what belongs into it \(no room left on the disk.*\); its log: /,
    },
  ])(
    'ends with a line on a full disk, wherever it runs into it: $size',
    async ({ size, says }) => {
      const disk = join(dir, 'disk');
      mkdirSync(disk);
      const { status, lines } = await refusal(disk, `mount -t tmpfs -o size=${size} tmpfs ${disk}`);
      expect({ status, lines }).toEqual({ status: 1, lines: [expect.stringMatching(says)] });
      expect(processesOf(disk)).toEqual([]);
    },
    120_000,
  );
});
