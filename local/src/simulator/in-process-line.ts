import { type Duplex, duplexPair } from 'node:stream';
import { PoolRegistry } from '@dark-carnival/kube';
import { Pool } from 'undici';

/**
 * Connections that never leave the process: real HTTP between a real client and the real server, but over a pair of streams instead of a socket. The
 * order of everything is then given by the event loop alone, and is the same in each run.
 */
export class InProcessLine extends PoolRegistry {
  readonly #pool: Pool;

  /** @param accept hands the server its end of a connection. @param origin only for the Host header */
  constructor(accept: (connection: Duplex) => void, origin: string) {
    super();
    this.#pool = new Pool(origin, {
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, done) => {
        const [ours, theirs] = duplexPair();
        accept(theirs);
        // undici takes any stream here, whatever its types say; it must not be told before it has returned.
        queueMicrotask(() => (done as (error: null, socket: Duplex) => void)(null, ours));
      },
    });
  }

  override acquire(): { pool: Pool; release(): void } {
    return { pool: this.#pool, release: () => {} };
  }

  /** Breaks every connection. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}
