import type { Heartbeat, Wagon } from '@dark-carnival/crds';
import { BY_NAMESPACE } from '@dark-carnival/kube';
import { InMemoryLiveness } from '../../../controller/src/adapters/in-memory-liveness.ts';
import type { WagonActor } from '../../../controller/src/kinds/wagon/actor.ts';
import type { WagonDeps } from '../../../controller/src/kinds/wagon/deps.ts';
import { MassSilence } from '../../../controller/src/kinds/wagon/policies/mass-silence.ts';
import { ProviderSync } from '../../../controller/src/kinds/wagon/provider-sync.ts';
import { reconcileWagon } from '../../../controller/src/kinds/wagon/reconcile.ts';
import { WagonMemory } from '../../../controller/src/kinds/wagon/wagon-memory.ts';
import type { Liveness } from '../../../controller/src/ports/liveness.ts';
import type { WagonClient } from '../../../controller/src/ports/wagon-client.ts';
import { Latest } from '../../../controller/src/runtime/latest.ts';
import { silentLogger } from '../../../controller/src/runtime/logger.ts';
import type { Machine } from './timeline.ts';

/** What a planted bug replaces. */
export interface Build {
  /** The clock that last-seen is kept by. */
  livenessClock: (machine: Machine) => Machine['clock'];
  liveness: (liveness: InMemoryLiveness) => Liveness & Pick<InMemoryLiveness, 'beginGrace' | 'close'>;
  probe: (probe: WagonClient['probe']) => WagonClient['probe'];
}

export const HONEST: Build = {
  livenessClock: ({ clock }) => clock,
  liveness: (liveness) => liveness,
  probe: (probe) => probe,
};

/** The API server, as far as one kind needs it: objects by key, and whoever writes last wins nothing. */
export interface WagonStore {
  wagons: Map<string, Wagon>;
  patchStatus: WagonDeps['client']['patch'];
}

/** The Wagon controller of one process: the real reconcile, liveness and policies, on a machine that can freeze. */
export class SimulatedController {
  readonly machine: Machine;
  readonly #liveness: ReturnType<Build['liveness']>;
  readonly #actor: WagonActor;
  readonly #store: WagonStore;
  readonly #pending = new Map<string, () => void>();
  leads = false;

  constructor(machine: Machine, store: WagonStore, probe: WagonClient['probe'], build: Build) {
    this.machine = machine;
    this.#store = store;
    this.#liveness = build.liveness(new InMemoryLiveness(build.livenessClock(machine)));
    const { clock } = machine;
    const cache = {
      get: (key: string) => store.wagons.get(key),
      countByIndex: (index: string) => (index === BY_NAMESPACE ? store.wagons.size : 0),
      byIndex: () => [],
    };
    const deps = {
      client: { patch: store.patchStatus },
      wagons: { store: cache },
      providers: { store: cache },
      objectives: { store: cache },
      wagonClient: { probe: build.probe(probe) },
      tokens: { tokenOf: async () => 'token', isOfSelfRegistered: async () => true },
      liveness: this.#liveness,
      leadership: { isLeader: () => this.leads, leaderEpoch: () => 1 },
      events: { record: () => {} },
      clock,
      logger: silentLogger,
      // Parts of the real ones: what this kind does not use is not there.
    } as unknown as WagonDeps;
    this.#actor = {
      deps,
      sync: new ProviderSync(deps),
      latest: new Latest(deps.wagons.store),
      memory: new WagonMemory(),
      silence: new MassSilence(),
      wallOffsetMs: clock.now() - clock.monotonic(),
    };
    this.#liveness.onChange((namespace, name) => {
      if (this.leads) this.#reconcileSoon(`${namespace}/${name}`, 0);
    });
  }

  lead(): void {
    this.leads = true;
    this.#liveness.beginGrace();
    for (const key of this.#store.wagons.keys()) this.#reconcileSoon(key, 0);
  }

  follow(): void {
    this.leads = false;
    for (const takeBack of this.#pending.values()) takeBack();
    this.#pending.clear();
  }

  hear(name: string, heartbeat: Heartbeat): void {
    this.#liveness.record('default', name, heartbeat);
  }

  /** Ends as by kill -9. */
  die(): void {
    this.follow();
    this.machine.dead = true;
  }

  #reconcileSoon(key: string, afterMs: number): void {
    this.#pending.get(key)?.();
    const takeBack = this.machine.schedule(afterMs, async () => {
      this.#pending.delete(key);
      // Not awaited: a probe takes time, and time goes on.
      void this.#reconcile(key);
    });
    this.#pending.set(key, takeBack);
  }

  async #reconcile(key: string): Promise<void> {
    const result = await reconcileWagon(this.#actor, key).catch(() => ({ requeueAfterMs: 1_000 }));
    if (this.leads && result?.requeueAfterMs !== undefined) this.#reconcileSoon(key, result.requeueAfterMs);
  }
}
