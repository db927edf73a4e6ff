import type { WagonEvent } from '@dark-carnival/crds';
import type { EventSubscription, WagonClient, WagonTarget } from '../../ports/wagon-client.ts';
import type { Wakes } from './apply.ts';

/** Events after which an Objective may be decided on anew. Tokens as they stream, and logs, are for people. */
const TELLING: ReadonlySet<WagonEvent['type']> = new Set(['turn-end', 'task-end', 'job-state']);

export interface WagonWakesOptions {
  wagonClient: Pick<WagonClient, 'watchEvents'>;
  /** Wakes one Objective. */
  enqueue: (key: string) => void;
  /** Keys of the Objectives that a wagon works for. */
  worksFor: (namespace: string, wagon: string) => Iterable<string>;
}

interface Open {
  target: WagonTarget;
  subscription: EventSubscription;
}

/**
 * One event stream per wagon that was given work. Streams are only a quicker way to look: a dead one is made up for by polling, and what a wagon says in one
 * wakes nothing but Objectives of its own namespace.
 */
export class WagonWakes implements Wakes {
  readonly #options: WagonWakesOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: WagonWakesOptions) {
    this.#options = options;
  }

  listenTo(target: WagonTarget): void {
    const key = `${target.namespace}/${target.name}`;
    const open = this.#open.get(key);
    if (open && sameTarget(open.target, target)) return;
    open?.subscription.close();
    const subscription = this.#options.wagonClient.watchEvents(target, {
      onWake: () => this.#wakeAll(target),
      onEvent: (event) => this.#onEvent(target, event),
    });
    this.#open.set(key, { target, subscription });
  }

  /** Ends the stream of a wagon that is gone or idle. */
  forget(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    this.#open.get(key)?.subscription.close();
    this.#open.delete(key);
  }

  /** Ends all streams. */
  close(): void {
    for (const { subscription } of this.#open.values()) subscription.close();
    this.#open.clear();
  }

  #onEvent({ namespace }: WagonTarget, event: WagonEvent): void {
    if (!TELLING.has(event.type) || !('objective' in event) || !event.objective) return;
    if (event.objective.namespace === namespace) this.#options.enqueue(`${namespace}/${event.objective.name}`);
  }

  #wakeAll({ namespace, name }: WagonTarget): void {
    for (const key of this.#options.worksFor(namespace, name)) this.#options.enqueue(key);
  }
}

const sameTarget = (before: WagonTarget, after: WagonTarget): boolean =>
  before.address === after.address && before.tlsFingerprint === after.tlsFingerprint && before.token === after.token;
