import type { Clock } from '@dark-carnival/crds/clock';
import { createAgent } from '@dark-carnival/kube';
import { pinnedConnector } from '@dark-carnival/tls';
import type { Dispatcher } from 'undici';
import type { LeaderRelay, RelayedHeartbeat, RelayOutcome } from '../ports/leader-relay.ts';
import type { LeaderAddress } from './leader-address.ts';
import { exchange, NoAnswerError } from './wagon-http.ts';

/** Less than the 5 s that a wagon waits; more than the 3 s for which the leader may look for a duplicate. */
const DEADLINE_MS = 4_000;
const CONNECT_MS = 2_000;
const CONNECTIONS = 8;
const MAX_RETRY_AFTER_SECONDS = 60;

export interface HttpLeaderForwardOptions {
  /** Who leads, as last read; undefined where nobody else is known to, or cannot be reached safely. */
  leader: () => LeaderAddress | undefined;
  clock: Clock;
}

/** Passes heartbeats on to the leader over HTTP, with connections that are kept for as long as it leads. */
export class HttpLeaderForward implements LeaderRelay {
  readonly #options: HttpLeaderForwardOptions;
  #way: { to: string; agent: Dispatcher } | undefined;

  constructor(options: HttpLeaderForwardOptions) {
    this.#options = options;
  }

  async heartbeat({ namespace, heartbeat, token }: RelayedHeartbeat): Promise<RelayOutcome> {
    const leader = this.#options.leader();
    if (!leader) return { outcome: 'unknown' };
    try {
      const { status, headers, text } = await exchange(this.#agentFor(leader), this.#options.clock, {
        method: 'POST',
        url: `${leader.url}/api/nodes/register?namespace=${encodeURIComponent(namespace)}`,
        token,
        body: JSON.stringify(heartbeat),
        deadlineMs: DEADLINE_MS,
      });
      return {
        outcome: 'answered',
        status,
        body: parseJson(text),
        retryAfterSeconds: secondsOf(headers['retry-after']),
      };
    } catch (error) {
      if (error instanceof NoAnswerError) return { outcome: 'unreachable', message: error.message };
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#way?.agent.destroy();
    this.#way = undefined;
  }

  #agentFor({ url, fingerprint }: LeaderAddress): Dispatcher {
    const to = `${url} ${fingerprint ?? ''}`;
    if (this.#way?.to === to) return this.#way.agent;
    void this.#way?.agent.destroy().catch(() => {});
    const connect = fingerprint === undefined ? { timeout: CONNECT_MS } : pinnedConnector(fingerprint, CONNECT_MS);
    const agent = createAgent({ connections: CONNECTIONS, pipelining: 1, connect });
    this.#way = { to, agent };
    return agent;
  }
}

function secondsOf(header: string | string[] | undefined): number | undefined {
  const seconds = Number(header);
  return header !== undefined && seconds >= 0 ? Math.min(seconds, MAX_RETRY_AFTER_SECONDS) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
