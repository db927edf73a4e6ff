import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { type KubeRequest, type Transport, TransportError } from '@dark-carnival/kube';
import { operationOf } from './operation.ts';

/**
 * What goes wrong with one event of an open watch. A server never keeps an event back and tells the next one: where events are lost, the watch is lost with
 * them, or they were merged.
 *
 * - `break`: the connection breaks instead of telling it.
 * - `forget`: the connection breaks, and the server forgets its history: what happened meanwhile is known by a list only.
 * - `duplicate`: it is told twice.
 * - `freeze`: from here on the watch is silent. Nothing ends this but the client.
 * - `merge`: it is told only if no later event of the same object follows it, as by a list made after both.
 * - `delayMs`: it and all that follows it are told later.
 */
export type NotificationFault = 'break' | 'forget' | 'duplicate' | 'freeze' | 'merge' | { readonly delayMs: number };

export interface NotificationsOptions {
  clock: Clock;
  /** Makes the server forget its history: `forget`. */
  compact: () => void;
}

interface Told {
  readonly kind: string;
  readonly object: string;
  readonly line: string;
}

/** Events of all watches of one client, in the order in which they are told: counted, named, and one of them gone wrong. */
export class Notifications {
  /** `MODIFIED objectives default/show`, since `arm`. */
  readonly told: string[] = [];
  readonly #options: NotificationsOptions;
  #armed = false;
  #plan: { nth: number; fault: NotificationFault } | undefined;
  #happened = false;

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  /** Counts from here. @param plan which event, from 1, meets what. */
  arm(plan?: { nth: number; fault: NotificationFault }): void {
    this.told.length = 0;
    this.#happened = false;
    this.#armed = true;
    this.#plan = plan;
  }

  /** Nothing goes wrong any more, and nothing is counted. */
  disarm(): void {
    this.#armed = false;
    this.#plan = undefined;
  }

  /** The planned fault has happened. */
  get happened(): boolean {
    return this.#happened;
  }

  /** A transport whose watches are told through this. */
  through(inner: Transport): Transport {
    return {
      request: (request) => inner.request(request),
      stream: async (request) => {
        const stream = await inner.stream(request);
        if (operationOf(request).verb !== 'watch' || stream.status !== 200) return stream;
        return { ...stream, lines: this.#tell(stream.lines, request) };
      },
      close: () => inner.close(),
    };
  }

  async *#tell(lines: AsyncIterable<string>, request: KubeRequest): AsyncIterable<string> {
    const { resource } = operationOf(request);
    let kept: Told | undefined;
    for await (const line of lines) {
      const told = read(resource, line);
      if (kept && (told === undefined || told.object !== kept.object)) yield kept.line;
      kept = undefined;
      const fault = told && this.#next(told);
      if (told && fault === 'merge') kept = told;
      else yield* this.#meet(line, fault, request.signal);
    }
  }

  /** Counts an event. @returns what it meets */
  #next({ kind, object }: Told): NotificationFault | undefined {
    if (!this.#armed) return undefined;
    this.told.push(`${kind} ${object}`);
    if (this.#plan?.nth !== this.told.length) return undefined;
    this.#happened = true;
    return this.#plan.fault;
  }

  async *#meet(line: string, fault: NotificationFault | undefined, signal: AbortSignal | undefined) {
    if (fault === 'forget') this.#options.compact();
    if (fault === 'forget' || fault === 'break') {
      throw new TransportError('broken', 'simulated: the connection broke', 'ECONNRESET');
    }
    if (fault === 'freeze') {
      await cancelled(signal);
      throw new TransportError('aborted', 'cancelled', 'ABORT_ERR');
    }
    if (typeof fault === 'object') await sleep(this.#options.clock, fault.delayMs, signal);
    yield line;
    if (fault === 'duplicate') yield line;
  }
}

/** An event as it is counted; undefined for a bookmark, and for what is none. */
function read(resource: string, line: string): Told | undefined {
  const { type, object } = JSON.parse(line) as {
    type: string;
    object?: { metadata?: { namespace?: string; name?: string } };
  };
  if (type === 'BOOKMARK' || type === 'ERROR') return undefined;
  const { namespace, name } = object?.metadata ?? {};
  const path = [namespace, name].filter((part) => part !== undefined).join('/');
  return { kind: type, object: `${resource} ${path}`, line };
}

function cancelled(signal: AbortSignal | undefined): Promise<void> {
  if (!signal || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
