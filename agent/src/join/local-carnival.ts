import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type JoinToken, parseJoinToken } from '@dark-carnival/crds';
import { StartError } from '../start-error.ts';

/** The command line, reached as a process: a wagon has no Kubernetes client, and needs this one once. */
const CARNIVAL = join(import.meta.dirname, '..', '..', '..', 'cli', 'bin', 'carnival.mjs');
const TIMEOUT_MS = 60_000;
/** What the command line needs to run; no secret of this wagon is among it. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_COMPILE_CACHE'] as const;

/**
 * Asks the `carnival up` of this machine for a join token of one use, in the name of whoever may read its kubeconfig.
 * @param folder its data folder.
 * @throws StartError where it gives none.
 */
export async function askLocalCarnival(folder: string, namespace: string | undefined): Promise<JoinToken> {
  const kubeconfig = join(folder, 'kubeconfig');
  if (!existsSync(CARNIVAL)) throw new StartError(`${CARNIVAL} is missing: give CARNIVAL_JOIN_TOKEN instead`);
  const args = [
    'join-token',
    'create',
    '--local',
    '--uses',
    '1',
    '--ttl',
    '10m',
    '--kubeconfig',
    kubeconfig,
    '-o',
    'json',
  ];
  const { failed, stdout, stderr } = await run([...args, ...(namespace === undefined ? [] : ['-n', namespace])]);
  const token = failed ? undefined : tokenIn(stdout);
  if (token !== undefined) return token;
  const reason =
    stderr
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^error: /, '') || 'it said nothing';
  throw new StartError(`the carnival of ${folder} gives no join token: ${reason.slice(0, 500)}`);
}

function run(args: string[]): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  const env = Object.fromEntries(
    INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const options = { env: { ...env, NO_COLOR: '1' }, timeout: TIMEOUT_MS, maxBuffer: 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(process.execPath, [CARNIVAL, ...args], options, (error, stdout, stderr) =>
      resolve({ failed: error !== null, stdout, stderr }),
    );
  });
}

function tokenIn(stdout: string): JoinToken | undefined {
  try {
    const { token } = JSON.parse(stdout) as { token?: unknown };
    return typeof token === 'string' ? parseJoinToken(token) : undefined;
  } catch {
    return undefined;
  }
}
