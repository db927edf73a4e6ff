import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport, KubeClient, loadKubeconfig, type Transport } from '@dark-carnival/kube';

const SERVE = join(import.meta.dirname, '..', '..', 'local', 'src', 'serve.ts');
// Two hundred starts of the same program: its modules need to be compiled once.
const COMPILED = join(tmpdir(), 'carnival-compile-cache');

/** How a process ended. */
export interface Ended {
  code: number | null;
  stderr: string;
}

/** The API server as a process of its own, on a data folder. */
export class ApiServerProcess {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #ready: Promise<string>;
  #transport: Transport | undefined;

  private constructor(data: string) {
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SERVE, '--data', data], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
    });
    let stdout = '';
    let stderr = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => resolve({ code, stderr })));
    this.#ready = new Promise((resolve, reject) => {
      this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        stdout += chunk;
        if (stdout.includes('\n')) resolve((JSON.parse(stdout) as { kubeconfig: string }).kubeconfig);
      });
      void this.ended.then(({ code }) => reject(new Error(`the server ended with ${code}: ${stderr}`)));
    });
    this.#ready.catch(() => {});
  }

  /** Starts a server that must serve. */
  static async serving(data: string): Promise<ApiServerProcess> {
    const server = new ApiServerProcess(data);
    await server.#connect();
    return server;
  }

  /** Starts a server that must not serve. @returns how it ended */
  static async failing(data: string): Promise<Ended> {
    const server = new ApiServerProcess(data);
    await Promise.race([
      server.ended,
      server.#ready.then(() => server.kill()).then(() => Promise.reject(new Error('the server serves'))),
    ]);
    return server.ended;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Knows no more than the kubeconfig. A connection that breaks is told, not mended. */
  get client(): KubeClient {
    if (!this.#transport) throw new Error('the server does not serve');
    return new KubeClient(this.#transport);
  }

  async #connect(): Promise<void> {
    this.#transport = createTransport(loadKubeconfig({ path: await this.#ready, env: {} }));
  }

  /** kill -9, whatever it is doing. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
    await this.#transport?.close();
  }

  /** A clean end. */
  async stop(): Promise<Ended> {
    this.#child.kill('SIGTERM');
    await this.#transport?.close();
    return this.ended;
  }
}
