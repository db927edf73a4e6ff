import { OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { Reflector, type ReflectorReport } from '@dark-carnival/kube';
import type { Session } from '../session/session.ts';

/** So many failures in a row are worth a word; one is not. */
const TELL_AFTER = 3;

export interface ObjectiveWatchOptions {
  session: Session;
  /** The Objective as it was created or read: one that is made anew under its name is another. */
  objective: Objective;
  /** The API server has been away for a while, or is back. */
  onConnection?(state: 'away' | 'back'): void;
}

/** One Objective, as it is now. Level-based: states in between may be skipped, the last never is. */
export class ObjectiveWatch {
  readonly #reflector: Reflector<Objective>;
  readonly #uid: string | undefined;
  readonly #key: string;
  readonly #onConnection: (state: 'away' | 'back') => void;
  #known: Objective;
  #failures = 0;
  #change = Promise.withResolvers<void>();

  constructor({ session, objective, onConnection = () => {} }: ObjectiveWatchOptions) {
    const { name, uid } = objective.metadata;
    this.#known = objective;
    this.#uid = uid;
    this.#key = `${session.namespace}/${name}`;
    this.#onConnection = onConnection;
    this.#reflector = new Reflector<Objective>(session.client, OBJECTIVES, {
      namespace: session.namespace,
      fieldSelector: `metadata.name=${name}`,
      onReport: (report) => this.#hear(report),
    });
    const wake = () => this.#wake();
    this.#reflector.subscribe({ onAdd: wake, onUpdate: wake, onDelete: wake });
  }

  start(): this {
    this.#reflector.start();
    return this;
  }

  /** The Objective; undefined once it is deleted. */
  get current(): Objective | undefined {
    if (!this.#reflector.hasSynced) return this.#known;
    const now = this.#reflector.store.get(this.#key);
    if (now?.metadata.uid !== this.#uid) return undefined;
    this.#known = now ?? this.#known;
    return now;
  }

  /** Resolves at the next change. Take it before looking at `current`, and no change is missed. */
  changed(): Promise<void> {
    return this.#change.promise;
  }

  async stop(): Promise<void> {
    await this.#reflector.stop();
  }

  #wake(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers();
    resolve();
  }

  #hear(report: ReflectorReport): void {
    if (report.kind === 'failed') {
      this.#failures += 1;
      if (this.#failures === TELL_AFTER) this.#onConnection('away');
    } else if (report.kind === 'listed') {
      if (this.#failures >= TELL_AFTER) this.#onConnection('back');
      this.#failures = 0;
      // The first list may show that it was deleted meanwhile, which is no event.
      this.#wake();
    }
  }
}
