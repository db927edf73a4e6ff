import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SHIFTED_CLOCK = join(import.meta.dirname, 'shifted-clock.mjs');

interface Program {
  name: string;
  main: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** File that tells it how much its wall clock is off. */
  clockFile: string;
}

/** A program that is killed, frozen and set to another time, and started again. */
export class Victim {
  readonly name: string;
  readonly #program: Program;
  #child: ChildProcess | undefined;
  /** The last that it said on stderr, for whoever looks into a failure. */
  log = '';

  constructor(program: Program) {
    this.name = program.name;
    this.#program = program;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it. @returns its first line, parsed. @throws with its stderr where it ends before */
  async start(): Promise<unknown> {
    const { main, args, env, clockFile } = this.#program;
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--import', SHIFTED_CLOCK, main, ...args],
      {
        env: { PATH: process.env['PATH'], ...env, CARNIVAL_TEST_CLOCK: clockFile },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log = (this.log + text).slice(-20_000);
    });
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
      child
        .once('error', reject)
        .once('close', (code) => reject(new Error(`${this.name} ended with ${code}: ${this.log.slice(-2000)}`)));
    });
  }

  /** kill -9, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Sets its wall clock. */
  shiftClock(offsetMs: number): void {
    writeFileSync(this.#program.clockFile, String(offsetMs));
    this.#child?.kill('SIGUSR2');
  }
}
