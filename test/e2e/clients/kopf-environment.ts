import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** The version that the test is written for. */
const KOPF = '1.45.2';

/** A Python that has kopf, or why there is none. */
export type KopfChoice = { python: string } | { missing: string };

/**
 * Makes a virtual environment with kopf in the system's folder for temporary files, once for each version of kopf and Python, and uses it
 * again from then on.
 */
export async function findKopf(): Promise<KopfChoice> {
  const asked = await runProgram('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).catch(
    (error: Error) => ({ code: -1, stdout: '', stderr: error.message }),
  );
  if (asked.code !== 0) return { missing: `there is no python3 (${lastLine(asked.stderr)})` };
  const dir = join(tmpdir(), `dark-carnival-kopf-${KOPF}-python${asked.stdout.trim()}`);
  const python = join(dir, 'bin', 'python');
  const complete = join(dir, 'complete');
  if (existsSync(complete)) return { python };
  mkdirSync(dir, { recursive: true });
  const steps = [
    ['python3', '-m', 'venv', '--clear', dir],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `kopf==${KOPF}`],
  ];
  for (const [program = '', ...args] of steps) {
    const { code, stdout, stderr } = await runProgram(program, args);
    if (code !== 0) return { missing: `kopf ${KOPF} cannot be installed (${lastLine(stderr || stdout)})` };
  }
  writeFileSync(complete, '');
  return { python };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
