import type { WagonEvent } from '@dark-carnival/crds';
import { type Clock, sleep } from '@dark-carnival/crds/clock';
import type { EventListener, Unreachable, WagonClient } from '../../../controller/src/ports/wagon-client.ts';
import { heard, type Mortal } from './mortal.ts';
import type { PlayWagon } from './play-wagon.ts';

/** What goes wrong with one order to a wagon. */
export type OrderFault = 'drop' | 'appliedButLost' | 'duplicate' | 'crashBefore' | 'crashAfter';
/** What goes wrong with one event of a wagon's stream, which is lossy by contract. */
export type WakeFault = 'drop' | 'duplicate' | 'freeze' | { readonly delayMs: number };

interface Planned<Fault> {
  nth: number;
  fault: Fault;
}

const GONE: Unreachable = { outcome: 'unreachable', message: 'simulated: no answer' };
const WAY_MS = 5;

/** The lines between one controller and all wagons: each order and each event is counted, and one of them goes wrong. */
export class WagonLine implements WagonClient {
  /** `put <id>`, `cancel <id>` since `arm`. */
  readonly orders: string[] = [];
  readonly wakes: string[] = [];
  readonly #wagons: readonly PlayWagon[];
  readonly #clock: Clock;
  readonly #mortal: Mortal;
  readonly #die: () => void;
  #armed = false;
  #order: Planned<OrderFault> | undefined;
  #wake: Planned<WakeFault> | undefined;
  #frozen = false;

  constructor(wagons: readonly PlayWagon[], clock: Clock, mortal: Mortal, die: () => void) {
    this.#wagons = wagons;
    this.#clock = clock;
    this.#mortal = mortal;
    this.#die = die;
  }

  arm({ order, wake }: { order?: Planned<OrderFault>; wake?: Planned<WakeFault> } = {}): void {
    this.orders.length = 0;
    this.wakes.length = 0;
    this.#armed = true;
    this.#order = order;
    this.#wake = wake;
  }

  putJob: WagonClient['putJob'] = (target, assignment) =>
    this.#give(`put ${assignment.id}`, () => this.#reach(target.name, (wagon) => wagon.put(assignment)));

  cancelJob: WagonClient['cancelJob'] = (target, id) =>
    this.#give(`cancel ${id}`, () => this.#reach(target.name, (wagon) => wagon.cancel(id)));

  getJob: WagonClient['getJob'] = (target, id) => this.#reach(target.name, (wagon) => wagon.get(id));

  /** No story pauses: nothing is held here. */
  holdJob: WagonClient['holdJob'] = async () => GONE;

  probe: WagonClient['probe'] = ({ address }) => {
    const name = this.#wagons.find((each) => each.address === address)?.name ?? '';
    return this.#reach(name, ({ instanceID }) => ({ outcome: 'alive' as const, instanceID }));
  };

  putProviders: WagonClient['putProviders'] = (target) =>
    this.#reach(target.name, () => ({ outcome: 'stored' }) as const);

  watchEvents: WagonClient['watchEvents'] = ({ name }, listener) => {
    const wagon = this.#wagons.find((each) => each.name === name);
    if (wagon) wagon.onEvent = (event) => void this.#told(listener, event);
    queueMicrotask(() => {
      if (!this.#mortal.isDead) listener.onWake();
    });
    return {
      close: () => {
        if (wagon && !this.#mortal.isDead) wagon.onEvent = () => {};
      },
    };
  };

  /** One exchange with a wagon. It takes a moment: the world goes on meanwhile. */
  #reach<T>(name: string, exchange: (wagon: PlayWagon) => T): Promise<T | Unreachable> {
    return heard(this.#mortal, async () => {
      await sleep(this.#clock, WAY_MS);
      const wagon = this.#wagons.find((each) => each.name === name);
      if (!wagon || wagon.isDead || this.#mortal.isDead) return GONE;
      return exchange(wagon);
    });
  }

  #give<T extends object>(what: string, exchange: () => Promise<T | Unreachable>): Promise<T | Unreachable> {
    return heard(this.#mortal, async () => {
      const fault = this.#count(this.orders, what, this.#order);
      if (fault === 'crashBefore') this.#die();
      if (this.#mortal.isDead || fault === 'drop') return GONE;
      if (fault === 'duplicate') await exchange();
      const answer = await exchange();
      if (fault === 'crashAfter') this.#die();
      return fault === 'appliedButLost' ? GONE : answer;
    });
  }

  async #told(listener: EventListener, event: WagonEvent): Promise<void> {
    if (this.#mortal.isDead || this.#frozen) return;
    const fault = this.#count(this.wakes, event.type, this.#wake);
    if (fault === 'freeze') this.#frozen = true;
    if (fault === 'drop' || fault === 'freeze') return;
    if (typeof fault === 'object') await sleep(this.#clock, fault.delayMs);
    if (this.#mortal.isDead) return;
    listener.onEvent(event);
    if (fault === 'duplicate') listener.onEvent(event);
  }

  #count<Fault>(counted: string[], what: string, planned: Planned<Fault> | undefined): Fault | undefined {
    if (!this.#armed) return undefined;
    counted.push(what);
    return planned?.nth === counted.length ? planned.fault : undefined;
  }
}
