import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** kubectl, if there is one: of the envtest folder, else of the PATH. */
export function findKubectl(env: NodeJS.ProcessEnv): string | undefined {
  const folders = [env['KUBEBUILDER_ASSETS'] ?? '', ...(env['PATH'] ?? '').split(delimiter)];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'kubectl'))
    .find(existsSync);
}

/** What stands in for a person at an editor: one field is changed. */
const EDITOR = 'perl -pi -e s/count:.1/count:\\ 8/';

export interface KubectlResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs kubectl on one engine, with a cache and a home of its own. */
export class Kubectl {
  readonly #program: string;
  readonly #kubeconfig: string;
  readonly #home = mkdtempSync(join(tmpdir(), 'conformance-kubectl-'));
  readonly #running = new Map<string, Background>();

  constructor(program: string, kubeconfig: string) {
    this.#program = program;
    this.#kubeconfig = kubeconfig;
  }

  run(args: string[], stdin: string | undefined): Promise<KubectlResult> {
    const child = this.#spawn(args);
    const output = new Output(child);
    child.stdin?.end(stdin ?? '');
    return output.done();
  }

  start(name: string, args: string[]): void {
    this.#running.set(name, new Background(this.#spawn(args)));
  }

  /** The first lines that a background kubectl has printed. It is stopped. */
  async lines(name: string, count: number, timeoutMs: number): Promise<KubectlResult> {
    const background = this.#running.get(name);
    if (!background) throw new Error(`no kubectl runs as ${name}`);
    this.#running.delete(name);
    return background.take(count, timeoutMs);
  }

  /** Waits until a background kubectl has printed something: only then is its watch open. */
  async opened(name: string, timeoutMs: number): Promise<void> {
    await this.#running.get(name)?.printed(1, timeoutMs);
  }

  close(): void {
    for (const background of this.#running.values()) background.kill();
    rmSync(this.#home, { recursive: true, force: true });
  }

  #spawn(args: string[]): ChildProcess {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.#home,
      KUBECACHEDIR: join(this.#home, 'cache'),
      KUBECONFIG: this.#kubeconfig,
      EDITOR,
    };
    return spawn(this.#program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  }
}

class Output {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stdout += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr += chunk;
    });
    child.stdin?.on('error', () => {});
  }

  done(): Promise<KubectlResult> {
    return new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => resolve({ code: code ?? -1, stdout: this.stdout, stderr: this.stderr }));
    });
  }
}

class Background {
  readonly #child: ChildProcess;
  readonly #output: Output;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#output = new Output(child);
  }

  #lines(): string[] {
    return this.#output.stdout.split('\n').slice(0, -1);
  }

  async printed(count: number, timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (this.#lines().length < count && this.#child.exitCode === null && Date.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async take(count: number, timeoutMs: number): Promise<KubectlResult> {
    await this.printed(count, timeoutMs);
    const lines = this.#lines().slice(0, count);
    this.kill();
    return { code: 0, stdout: lines.map((line) => `${line}\n`).join(''), stderr: this.#output.stderr };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
