import type { KubeObject, ResourceRef } from '@dark-carnival/crds';
import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { KubeClient, Selection } from '../client/kube-client.ts';
import type { WatchEvent } from '../client/watch-event.ts';

export interface WatchSessionOptions<T extends KubeObject> {
  client: KubeClient;
  resource: ResourceRef;
  selection: Selection;
  resourceVersion: string;
  timeoutSeconds: number;
  /** Without event or bookmark for this long the connection counts as dead. */
  inactivityMs: number;
  clock: Clock;
  signal: AbortSignal;
  onEvent: (event: WatchEvent<T>) => void;
}

/** How a watch ended without an error. */
export interface WatchSessionEnd {
  reason: 'closed' | 'inactive' | 'stopped';
  /** Idle time, for `inactive`. */
  idleMs: number;
}

/**
 * One watch from its opening to its end. One timer serves the whole session: an event only notes the time.
 * @throws ApiError, TransportError or MalformedEventError, but never because of `signal`.
 */
export async function runWatchSession<T extends KubeObject>(options: WatchSessionOptions<T>): Promise<WatchSessionEnd> {
  const { client, resource, selection, resourceVersion, timeoutSeconds, clock, signal, onEvent } = options;
  const abort = new AbortController();
  const stop = () => abort.abort();
  signal.addEventListener('abort', stop, { once: true });
  const idle = new IdleTimer(clock, options.inactivityMs, stop);
  try {
    if (signal.aborted) return { reason: 'stopped', idleMs: 0 };
    const events = await client.watch<T>(resource, {
      ...selection,
      resourceVersion,
      timeoutSeconds,
      signal: abort.signal,
    });
    for await (const event of events) {
      if (signal.aborted) break;
      idle.touch();
      onEvent(event);
    }
    return { reason: endReason(signal, idle), idleMs: idle.idleMs() };
  } catch (error) {
    const reason = endReason(signal, idle);
    if (reason === 'closed') throw error;
    return { reason, idleMs: idle.idleMs() };
  } finally {
    idle.clear();
    signal.removeEventListener('abort', stop);
  }
}

function endReason(signal: AbortSignal, idle: IdleTimer): WatchSessionEnd['reason'] {
  if (signal.aborted) return 'stopped';
  return idle.fired ? 'inactive' : 'closed';
}

class IdleTimer {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onIdle: () => void;
  #last: number;
  #timer: Timer;
  fired = false;

  constructor(clock: Clock, limitMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onIdle = onIdle;
    this.#last = clock.monotonic();
    this.#timer = clock.setTimeout(() => this.#check(), limitMs);
  }

  touch(): void {
    this.#last = this.#clock.monotonic();
  }

  idleMs(): number {
    return this.#clock.monotonic() - this.#last;
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #check(): void {
    const leftMs = this.#limitMs - this.idleMs();
    if (leftMs > 0) {
      this.#timer = this.#clock.setTimeout(() => this.#check(), leftMs);
      return;
    }
    this.fired = true;
    this.#onIdle();
  }
}
