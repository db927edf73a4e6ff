import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A cable between two processes: it can be cut, be slow, and lead to another port than before. */
export class Link {
  readonly port: number;
  #target: number;
  #delayMs = 0;
  #isCut = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#join(socket));
  }

  static async to(target: number): Promise<Link> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    return new Link(server, target);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  leadTo(target: number): void {
    this.#target = target;
  }

  /** Breaks what is open, and lets nothing new through. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Each piece of data takes this long more, either way. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  mend(): void {
    this.#isCut = false;
    this.#delayMs = 0;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', (data) => this.#pass(to, from === near ? this.#addressed(data) : data));
    }
  }

  /** A Host header names the port that was dialled, and a hub answers to its own alone. Both have five digits. */
  #addressed(data: Buffer): Buffer {
    const [dialled, own] = [`127.0.0.1:${this.port}`, `127.0.0.1:${this.#target}`];
    if (dialled.length !== own.length || !data.includes(dialled)) return data;
    return Buffer.from(data.toString('latin1').replaceAll(dialled, own), 'latin1');
  }

  #pass(to: Socket, data: Buffer): void {
    if (this.#delayMs === 0) to.write(data);
    else setTimeout(() => !to.destroyed && to.write(data), this.#delayMs);
  }
}
