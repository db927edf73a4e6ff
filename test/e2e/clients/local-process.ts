import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SERVE = join(import.meta.dirname, '..', '..', '..', 'local', 'src', 'serve.ts');

/** The local server as a process of its own, on a folder of its own: its clients know no more than the kubeconfig that it writes. */
export class LocalProcess {
  readonly dir = mkdtempSync(join(tmpdir(), 'carnival-clients-'));
  readonly kubeconfig = join(this.dir, 'kubeconfig');
  #child: ChildProcess | undefined;
  #port = 0;

  static async start(): Promise<LocalProcess> {
    const server = new LocalProcess();
    await server.#start();
    return server;
  }

  async #start(): Promise<void> {
    const port = this.#port === 0 ? [] : ['--port', String(this.#port)];
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', SERVE, '--data', this.dir, '--exit-with-parent', ...port],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    this.#child = child;
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
      });
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', () => {
        if (printed.includes('"ready":true')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`the local server ended with ${code}: ${printed}`)));
    });
    const { url } = JSON.parse(printed.slice(printed.indexOf('{'), printed.indexOf('}') + 1)) as { url: string };
    this.#port = Number(new URL(url).port);
  }

  /** Kills the server as a crash would, and starts it again on the same folder and port. */
  async restart(): Promise<void> {
    await this.#end('SIGKILL');
    await this.#start();
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
