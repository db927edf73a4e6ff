import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';

/** A server process that a test started, and only that one is ever stopped. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly name: string;
  readonly logFile: string;
  #failure: string | undefined;

  /** @param env what the process gets besides our own environment */
  constructor(name: string, command: string, args: string[], logFile: string, env: NodeJS.ProcessEnv = {}) {
    this.name = name;
    this.logFile = logFile;
    const log = openSync(logFile, 'a');
    this.#child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
    this.#child.once('error', (error) => {
      this.#failure = error.message;
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws when the process has ended: waiting for it would be in vain. */
  assertAlive(): void {
    if (this.#failure !== undefined) throw new Error(`${this.name}: ${this.#failure}`);
    if (this.#child.exitCode !== null)
      throw new Error(`${this.name} ended with ${this.#child.exitCode}; see ${this.logFile}`);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  }
}
