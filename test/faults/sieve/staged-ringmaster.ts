import { FIELD_MANAGERS } from '@dark-carnival/crds';
import type { FakeClock } from '@dark-carnival/crds/testing';
import { KubeClient, RetryingTransport, type Transport } from '@dark-carnival/kube';
import { type Faults, Notifications, type Simulator, seeded } from '@dark-carnival/local/simulator';
import { CachedDaySpending } from '../../../controller/src/adapters/cached-day-spending.ts';
import { InMemoryLiveness } from '../../../controller/src/adapters/in-memory-liveness.ts';
import { SecretWagonTokens } from '../../../controller/src/adapters/secret-wagon-tokens.ts';
import { openCaches } from '../../../controller/src/caches.ts';
import { createObjectiveController } from '../../../controller/src/kinds/objective/index.ts';
import { createWagonController } from '../../../controller/src/kinds/wagon/index.ts';
import type { Liveness } from '../../../controller/src/ports/liveness.ts';
import { EventRecorder } from '../../../controller/src/runtime/event-recorder.ts';
import { silentLogger } from '../../../controller/src/runtime/logger.ts';
import { type Mortal, mortalClock, mortalTransport } from './mortal.ts';
import type { PlayWagon } from './play-wagon.ts';
import { WagonLine } from './wagon-line.ts';

/** The parts of a controller that a planted bug may replace. */
export interface Build {
  throughLiveness: (liveness: Liveness) => Liveness;
}

export const HONEST: Build = {
  throughLiveness: (liveness) => liveness,
};

export interface StagedOptions {
  sim: Simulator;
  clock: FakeClock;
  wagons: readonly PlayWagon[];
  /** leaderEpoch: grows with each process. */
  epoch: number;
  build: Build;
}

/**
 * The real controllers of Objectives and Wagons as one process that can die: real caches, queue, client and retries, over the real API server in memory. There is no
 * election (it has tests of its own): this process leads until it dies.
 */
export class StagedRingmaster implements Mortal {
  readonly notifications: Notifications;
  readonly line: WagonLine;
  readonly liveness: Liveness;
  /** Writes about Objectives that were sent to the API server since the start, as `PATCH …/objectives/show/status`. */
  readonly writes: string[] = [];
  #faults: Faults | undefined;
  #dead = false;
  readonly #direct: Transport;
  readonly #stop: () => void;
  readonly #begin: () => Promise<void>;

  constructor({ sim, clock: outer, wagons, epoch, build }: StagedOptions) {
    const clock = mortalClock(outer, this);
    const random = seeded(sim.seed + epoch);
    this.#direct = sim.transport(undefined, { retries: false });
    this.notifications = new Notifications({ clock, compact: () => sim.compact() });
    const retrying = new RetryingTransport(this.#faulty(), { clock, random });
    const transport = mortalTransport(retrying, this);
    const client = new KubeClient(transport, { fieldManager: FIELD_MANAGERS.controller, clock });
    const caches = openCaches(client, { namespace: undefined, clock, random, logger: silentLogger });
    const liveness = new InMemoryLiveness(clock);
    this.liveness = build.throughLiveness(liveness);
    this.line = new WagonLine(wagons, clock, this, () => this.die());
    const reporter = { component: FIELD_MANAGERS.controller, instance: `process-${epoch}` };
    const deps = {
      ...caches,
      spending: new CachedDaySpending({ ...caches, client, clock }),
      client,
      clock,
      logger: silentLogger,
      liveness: this.liveness,
      wagonClient: this.line,
      tokens: new SecretWagonTokens(client, clock),
      credentials: { keyFor: async () => ({ outcome: 'none' }) as const },
      leadership: { isLeader: () => !this.isDead, leaderEpoch: () => epoch },
      events: new EventRecorder({ client, reporter, clock, logger: silentLogger }),
      randomBytes: (size: number) => Buffer.alloc(size, 7),
    };
    const reflectors = [caches.objectives, caches.wagons, caches.providers];
    const controllers = [createWagonController(deps), createObjectiveController(deps)];
    this.#begin = async () => {
      for (const reflector of reflectors) reflector.start();
      await Promise.all(reflectors.map((reflector) => reflector.synced()));
      for (const controller of controllers) controller.activate();
    };
    this.#stop = () => {
      for (const reflector of reflectors) void reflector.stop();
      for (const controller of controllers) void controller.deactivate(0);
      liveness.close();
    };
  }

  get isDead(): boolean {
    return this.#dead || (this.#faults?.hasCrashed ?? false);
  }

  /** Fills the caches and begins to work. */
  start(): void {
    void this.#begin();
  }

  /** From here on requests meet these faults. */
  meet(faults: Faults): void {
    this.#faults = faults;
  }

  /** Ends as by kill -9. What still hangs on it is cleared away, which nobody can see. */
  die(): void {
    this.#dead = true;
    this.#stop();
  }

  #faulty(): Transport {
    const now = () => this.#faults?.through(this.#direct) ?? this.#direct;
    const told = this.notifications.through({
      request: (r) => now().request(r),
      stream: (r) => now().stream(r),
      close: async () => {},
    });
    return {
      ...told,
      request: (request) => {
        const { method, path } = request;
        if (method !== 'GET' && /\/(objectives|configmaps)(\/|$)/.test(path)) this.writes.push(`${method} ${path}`);
        return told.request(request);
      },
    };
  }
}
