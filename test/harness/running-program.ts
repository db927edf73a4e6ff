import { spawn } from 'node:child_process';
import { eventually } from './eventually.ts';

/** A program that a test started. */
export interface RunningProgram {
  /** All that it printed so far, on both streams. */
  output(): string;
  /** Waits until it has printed something. @throws with its output where it ends before, or takes too long. */
  printed(text: RegExp, timeoutMs: number): Promise<void>;
  /** Ends it: by SIGTERM, and after 15 s by SIGKILL. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

interface ProgramOptions {
  env: Record<string, string>;
  cwd: string;
}

export function startProgram(command: string, args: readonly string[], { env, cwd }: ProgramOptions): RunningProgram {
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(null);
    });
    child.once('close', (code) => resolve(code));
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    output: () => output,
    printed: async (text, timeoutMs) => {
      const look = async () => {
        if (text.test(output)) return true;
        if (hasEnded()) throw new Error(`${command} ended`);
        return undefined;
      };
      await eventually(look, { timeoutMs, what: `${command} to print ${text}` }).catch((error: unknown) => {
        throw new Error(`${command} ${args.join(' ')} printed:\n${output}`, { cause: error });
      });
    },
    stop: async (signal = 'SIGTERM') => {
      if (!hasEnded()) child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}
