import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../exit-codes.ts';

/**
 * `carnival up`: runs the local engine as a process of its own, with our terminal. Its flags are its own business, `--help` too.
 * @returns its exit code.
 */
export function runUp(args: readonly string[]): Promise<number> {
  const program = fileURLToPath(import.meta.resolve('@dark-carnival/local/up'));
  // By the channel it learns that we are gone, even where nobody could tell it.
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  if (process.connected) process.on('disconnect', () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.once('error', () => resolve(EXIT.error));
    child.once('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? EXIT.error)));
  });
}
