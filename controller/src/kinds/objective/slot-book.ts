import type { Objective, ObjectiveStatus } from '@dark-carnival/crds';
import { activeJobs } from './policies/active-jobs.ts';
import { showsPaused } from './policies/pause.ts';

export interface SlotBookOptions {
  /** Called after slots became free. */
  onFreed: (namespace: string, slots: number) => void;
  /** Whether there still is an Objective of this uid: a reconcile that outlives its object must not book for it. */
  exists: (uid: string) => boolean;
}

const NONE: ReadonlyMap<string, number> = new Map();
const place = (namespace: string, wagon: string) => `${namespace}/${wagon}`;

/**
 * Which Objective has how many assignments on which wagon, by our own books: a wagon's own count comes with a heartbeat, too late for two
 * Objectives that are scheduled in the same moment.
 */
export class SlotBook {
  readonly #byObjective = new Map<string, ReadonlyMap<string, number>>();
  readonly #busy = new Map<string, number>();
  /** Uids of decisions that are being written: what the cache says of them is of before. */
  readonly #underWay = new Set<string>();
  readonly #options: SlotBookOptions;

  constructor(options: SlotBookOptions) {
    this.#options = options;
  }

  /** Books what a decision gives out, as soon as it is decided; until it is written (or taken back) the cache is not believed about it. */
  bookDecision(namespace: string, uid: string, status: ObjectiveStatus): void {
    this.#underWay.add(uid);
    this.book(namespace, uid, status);
  }

  /** The decision is written. */
  written(uid: string): void {
    this.#underWay.delete(uid);
  }

  /** Books what a status names as given out. */
  book(namespace: string, uid: string, status: ObjectiveStatus | undefined): void {
    this.#replace(namespace, uid, this.#slotsOf(namespace, uid, status), { wake: true });
  }

  /** Books an Objective as the cache has it. Total: it sees objects that nobody validated. */
  bookObject({ metadata, status }: Objective): void {
    const { namespace, uid } = metadata;
    if (namespace === undefined || uid === undefined || this.#underWay.has(uid)) return;
    try {
      this.book(namespace, uid, status);
    } catch {
      this.#replace(namespace, uid, NONE, { wake: true });
    }
  }

  /**
   * Takes back what was booked for a write that failed. Wakes nobody: while the API server is away every write fails, and those who wait would wake each other
   * without end.
   */
  takeBack({ metadata, status }: Objective): void {
    const { namespace = '', uid = '' } = metadata;
    this.#underWay.delete(uid);
    this.#replace(namespace, uid, this.#slotsOf(namespace, uid, status), { wake: false });
  }

  /** Takes an Objective out of the books. */
  drop(namespace: string, uid: string): void {
    this.#underWay.delete(uid);
    this.#replace(namespace, uid, NONE, { wake: true });
  }

  /** Begins anew: while this process did not lead, others have changed what is in the books. */
  clear(): void {
    this.#underWay.clear();
    this.#byObjective.clear();
    this.#busy.clear();
  }

  /** Assignments on a wagon, without those of one Objective. */
  busy(namespace: string, wagon: string, exceptUid: string): number {
    const key = place(namespace, wagon);
    return (this.#busy.get(key) ?? 0) - (this.#byObjective.get(exceptUid)?.get(key) ?? 0);
  }

  #slotsOf(namespace: string, uid: string, status: ObjectiveStatus | undefined): Map<string, number> {
    const slots = new Map<string, number>();
    // What a wagon holds takes none of its slots.
    for (const { wagonName } of status && !showsPaused(status) ? activeJobs(uid, status) : []) {
      const wagon = place(namespace, wagonName);
      slots.set(wagon, (slots.get(wagon) ?? 0) + 1);
    }
    return slots;
  }

  #replace(namespace: string, uid: string, wanted: ReadonlyMap<string, number>, { wake }: { wake: boolean }): void {
    const slots = this.#options.exists(uid) ? wanted : NONE;
    const before = this.#byObjective.get(uid) ?? NONE;
    let freed = 0;
    for (const key of new Set([...before.keys(), ...slots.keys()])) {
      const change = (slots.get(key) ?? 0) - (before.get(key) ?? 0);
      const busy = (this.#busy.get(key) ?? 0) + change;
      if (busy > 0) this.#busy.set(key, busy);
      else this.#busy.delete(key);
      if (change < 0) freed -= change;
    }
    if (slots.size > 0) this.#byObjective.set(uid, slots);
    else this.#byObjective.delete(uid);
    if (freed > 0 && wake) this.#options.onFreed(namespace, freed);
  }
}
