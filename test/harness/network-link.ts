import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ip, type NetworkNamespace } from './network-namespaces.ts';

/** A link from this machine to a namespace, which can be slow, lossy or cut. */
export class NetworkLink {
  /** Address of this machine on the link. */
  readonly here: string;
  readonly there: string;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcess, here: string, there: string) {
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout as NonNullable<ChildProcess['stdout']> })[
      Symbol.asyncIterator
    ]();
    this.here = here;
    this.there = there;
  }

  static async open(namespace: NetworkNamespace): Promise<NetworkLink> {
    // Of 198.18.0.0/15, which is for tests of networks; another one for each process.
    const net = `198.${18 + (process.pid % 2)}.${(process.pid >> 1) % 256}`;
    const device = `dc${process.pid}`;
    const args = [join(import.meta.dirname, 'link.py'), device, namespace.name, 'link0'];
    const link = new NetworkLink(
      spawn('python3', args, { stdio: ['pipe', 'pipe', 'inherit'] }),
      `${net}.1`,
      `${net}.2`,
    );
    await link.#answer();
    ip('address', 'add', `${link.here}/30`, 'dev', device);
    ip('link', 'set', device, 'up');
    ip('-n', namespace.name, 'address', 'add', `${link.there}/30`, 'dev', 'link0');
    ip('-n', namespace.name, 'link', 'set', 'link0', 'up');
    return link;
  }

  /** Nothing passes any more, and nobody is told. */
  cut(): Promise<void> {
    return this.#say('cut');
  }

  mend(): Promise<void> {
    return this.#say('mend');
  }

  /** Every packet takes so long, and of so many, from 0 to 1, none arrives. */
  async trouble(delayMs: number, loss: number): Promise<void> {
    await this.#say(`delay ${delayMs}`);
    await this.#say(`loss ${loss}`);
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin?.end();
    await ended;
  }

  async #say(command: string): Promise<void> {
    this.#process.stdin?.write(`${command}\n`);
    await this.#answer();
  }

  async #answer(): Promise<void> {
    const { done } = await this.#lines.next();
    if (done) throw new Error('the link has ended');
  }
}
