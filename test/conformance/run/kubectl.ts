import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/**
 * Each kubectl that cases are run with: those that CONFORMANCE_KUBECTLS names (a list with commas), else the one of the envtest folder or
 * of the PATH, if any. @throws when one that is named is not there
 */
export function findKubectls(env: NodeJS.ProcessEnv): string[] {
  const named = (env['CONFORMANCE_KUBECTLS'] ?? '').split(',').filter((path) => path !== '');
  const absent = named.find((path) => !existsSync(path));
  if (absent !== undefined) throw new Error(`CONFORMANCE_KUBECTLS names ${absent}, which is not there`);
  if (named.length > 0) return named;
  const found = findKubectl(env);
  return found === undefined ? [] : [found];
}

function findKubectl(env: NodeJS.ProcessEnv): string | undefined {
  const folders = [env['KUBEBUILDER_ASSETS'] ?? '', ...(env['PATH'] ?? '').split(delimiter)];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'kubectl'))
    .find(existsSync);
}

/** The minor version of a kubectl: 34 for v1.34.1. @throws when it does not tell one */
export function minorVersion(program: string): number {
  const told = execFileSync(program, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  const { clientVersion } = JSON.parse(told) as { clientVersion: { gitVersion: string } };
  const minor = /^v1\.(\d+)/.exec(clientVersion.gitVersion)?.[1];
  if (minor === undefined) throw new Error(`${program} is of version ${clientVersion.gitVersion}`);
  return Number(minor);
}

/** What stands in for a person at an editor: one field is changed. */
const EDITOR = 'perl -pi -e s/count:.1/count:\\ 8/';

/** How one kubectl is run. */
export interface KubectlRun {
  args: string[];
  stdin?: string;
  /** A name for the folder in which it runs: one for each case. */
  folder: string;
  /** Written into that folder first. */
  files?: Record<string, string>;
  editor?: string;
}

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

  run(run: KubectlRun): Promise<KubectlResult> {
    const child = this.#spawn(run);
    const output = new Output(child);
    child.stdin?.end(run.stdin ?? '');
    return output.done();
  }

  start(name: string, run: KubectlRun): void {
    this.#running.set(name, new Background(this.#spawn(run)));
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

  #spawn({ args, folder, files = {}, editor = EDITOR }: KubectlRun): ChildProcess {
    const cwd = join(this.#home, 'cases', folder);
    mkdirSync(cwd, { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), content);
    }
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.#home,
      TMPDIR: this.#home,
      KUBECACHEDIR: join(this.#home, 'cache'),
      KUBECONFIG: this.#kubeconfig,
      EDITOR: editor,
    };
    return spawn(this.#program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
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
