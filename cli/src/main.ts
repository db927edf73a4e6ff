import { readFileSync } from 'node:fs';
import { systemClock } from '@dark-carnival/crds/clock';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import { listenForInterrupts } from './interrupts.ts';
import { runProgram } from './program.ts';
import type { CliDeps } from './session/session.ts';
import { processTerminal } from './terminal/process-terminal.ts';

/** The command line's composition root: the only reader of this process's environment, arguments and signals. */

function depsOf(process: NodeJS.Process): CliDeps {
  const interrupted = listenForInterrupts(process, systemClock, () => process.exit(EXIT.interrupted));
  // The channel to the starter of an old Node (bin/carnival.mjs) must not keep us alive.
  process.channel?.unref();
  return {
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    random: Math.random,
    terminal: processTerminal(process),
    interrupted,
    readFile: readTextFile,
    readStdin: async () => {
      process.stdin.setEncoding('utf8');
      let text = '';
      for await (const chunk of process.stdin) text += chunk;
      return text;
    },
  };
}

function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}

/** A pipe whose reader has seen enough (`| head`) is no error. */
function endQuietlyWithoutReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

const args = process.argv.slice(2);
endQuietlyWithoutReader(process.stdout);
endQuietlyWithoutReader(process.stderr);
process.exit(await runProgram(args, depsOf(process)));
