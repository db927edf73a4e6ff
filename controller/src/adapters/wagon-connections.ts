import { createAgent } from '@dark-carnival/kube';
import { pinnedConnector } from '@dark-carnival/tls';
import type { Dispatcher } from 'undici';
import type { WagonAddress } from '../ports/wagon-client.ts';

const OPTIONS = { connections: 16, pipelining: 1, keepAliveTimeout: 30_000 } as const;
const CONNECT_MS = 3_000;
/** More certificates than a controller has wagons: whoever shows ever new ones must not fill the memory. */
const MAX_PINNED = 1024;

/**
 * Connections to wagons. To one whose certificate is known they are made with this certificate alone, so that neither token nor key is said to anybody else; to
 * others plainly, or with a certificate that the system's authorities vouch for.
 */
export class WagonConnections {
  readonly #unpinned: Dispatcher = createAgent({ ...OPTIONS, connect: { timeout: CONNECT_MS } });
  readonly #pinned = new Map<string, Dispatcher>();

  /** What requests to a wagon are sent with. */
  to({ tlsFingerprint }: Pick<WagonAddress, 'tlsFingerprint'>): Dispatcher {
    if (tlsFingerprint === undefined) return this.#unpinned;
    const agent =
      this.#pinned.get(tlsFingerprint) ??
      createAgent({ ...OPTIONS, connect: pinnedConnector(tlsFingerprint, CONNECT_MS) });
    // The one that was used last is at the end.
    this.#pinned.delete(tlsFingerprint);
    this.#pinned.set(tlsFingerprint, agent);
    this.#forgetOldest();
    return agent;
  }

  /** Ends every connection, whatever is under way. */
  async destroy(): Promise<void> {
    await Promise.all([this.#unpinned, ...this.#pinned.values()].map((agent) => agent.destroy()));
  }

  #forgetOldest(): void {
    const [oldest] = this.#pinned;
    if (this.#pinned.size <= MAX_PINNED || oldest === undefined) return;
    this.#pinned.delete(oldest[0]);
    // Waits for what is under way.
    void oldest[1].close();
  }
}
