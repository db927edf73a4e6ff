#!/usr/bin/env node
// Runs on whatever Node is first in the path, so: no dependency, no syntax that an old one lacks. Finds a Node that runs TypeScript by type
// stripping, and hands over to src/main.ts.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const here = dirname(fileURLToPath(import.meta.url));

module.createRequire(import.meta.url)('../../scripts/preflight.cjs');

/** The Node 24 that npm installed for this platform beside us; undefined where optional packages were left out. */
function platformNode() {
  const names = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`];
  for (let folder = here; ; folder = dirname(folder)) {
    for (const name of names) {
      const node = join(folder, 'node_modules', name, 'bin', 'node');
      if (existsSync(node)) return node;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** Runs this very command again with another Node, and ends as it ends. */
function handOver(node) {
  const self = fileURLToPath(import.meta.url);
  // The channel tells the other side when we are gone, however that happens.
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => refuse(`cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

function refuse(line) {
  process.stderr.write(`carnival: ${line}\n`);
  process.exit(1);
}

/** Parsed code is kept beside the code, where whoever may write could change that too; every process that we start uses it. Halves each start. */
function keepParsedCode() {
  process.env.NODE_COMPILE_CACHE ||= join(here, '..', '..', 'node_modules', '.cache', 'dark-carnival');
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

/** What works on this machine takes over this process: programs with flags of their own, `--help` too. A second Node would weigh 100 MB. */
function program() {
  const [, , command] = process.argv;
  if (command === 'backup' || command === 'restore') return import.meta.resolve('@dark-carnival/local/backup');
  if (command !== 'up' && command !== 'wagon') return '../src/main.ts';
  process.argv.splice(2, 1);
  return import.meta.resolve(command === 'up' ? '@dark-carnival/local/up' : '@dark-carnival/agent/main');
}

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  keepParsedCode();
  // It would greet every command with a warning about what we rely on and test.
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === 'object' ? rest[0]?.type : rest[0];
    if (type !== 'ExperimentalWarning') emitWarning.call(process, warning, ...rest);
  };
  await import(program());
} else {
  const node = platformNode();
  if (node) handOver(node);
  else
    refuse(
      `needs Node ${NEEDED}, this is ${process.version}: run \`npm ci\` with optional packages, or install Node ${NEEDED} from nodejs.org.`,
    );
}
