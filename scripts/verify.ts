import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from './generated-files.ts';

/**
 * `npm run verify`: everything that can be said about the tree without running it. Each check prints one line; the first failure of each
 * prints its output, and the exit code is 1 if any failed.
 */
const root = join(import.meta.dirname, '..');

interface Check {
  name: string;
  hint: string;
  run(): string | undefined;
}

/** Runs a tool of node_modules/.bin; returns its output when it fails. */
function tool(name: string, ...args: string[]): string | undefined {
  const result = spawnSync(join(root, 'node_modules', '.bin', name), args, { cwd: root, encoding: 'utf8' });
  return result.status === 0 ? undefined : `${result.stdout}${result.stderr}` || String(result.error);
}

function staleFiles(): string | undefined {
  const stale = [...generatedFiles()]
    .filter(([path, content]) => readOrNothing(path) !== content)
    .map(([path]) => path);
  return stale.length === 0 ? undefined : stale.join('\n');
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

const WORKSPACES = ['crds', 'tls', 'kube', 'local', 'controller', 'agent', 'cli', 'scripts', 'test'];

const checks: Check[] = [
  { name: 'lint and format', hint: 'npm run format', run: () => tool('biome', 'check', '.') },
  { name: 'types', hint: 'npm run types', run: () => tool('tsc', '--noEmit', '-p', 'tsconfig.json') },
  {
    name: 'import rules',
    hint: 'see docs/architecture.md',
    run: () => tool('depcruise', '--config', '.dependency-cruiser.mjs', ...WORKSPACES),
  },
  { name: 'generated files are fresh', hint: 'npm run generate', run: staleFiles },
];

let failed = 0;
for (const { name, hint, run } of checks) {
  const output = run();
  console.log(`${output === undefined ? 'ok    ' : 'FAILED'} ${name}${output === undefined ? '' : ` (${hint})`}`);
  if (output !== undefined) {
    failed += 1;
    console.log(output.trimEnd());
  }
}
process.exitCode = failed === 0 ? 0 : 1;
