import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_VERSION, type KubeObject, OBJECTIVES, WAGONS, type Wagon } from '@dark-carnival/crds';
import { FakeClock } from '@dark-carnival/crds/testing';
import { type Simulator, startSimulator } from '@dark-carnival/local/simulator';
import { load } from 'js-yaml';
import { Audience } from './audience.ts';
import { PlayWagon } from './play-wagon.ts';
import { type Build, HONEST, StagedRingmaster } from './staged-ringmaster.ts';

const CRD_FOLDER = join(import.meta.dirname, '..', '..', '..', 'crds', 'generated');
const BEAT_MS = 10_000;
export const NAME = 'show';
export const OBJECTIVE = { namespace: 'default', name: NAME };

/** API server, wagons and one controller, on one clock that stands still until everything that can happen has happened. */
export class Theatre {
  readonly clock: FakeClock;
  readonly sim: Simulator;
  readonly wagons: readonly PlayWagon[];
  readonly audience: Audience;
  readonly build: Build;
  ringmaster: StagedRingmaster;
  /** Called whenever all is at rest: people look, and act. */
  onRest: () => void = () => {};
  #epoch = 1;

  private constructor(sim: Simulator, clock: FakeClock, build: Build) {
    this.sim = sim;
    this.clock = clock;
    this.build = build;
    this.audience = new Audience(clock);
    this.wagons = [new PlayWagon('LXC-ONE', clock), new PlayWagon('LXC-TWO', clock)];
    this.ringmaster = this.#hire();
  }

  static async open(seed: number, build: Build = HONEST): Promise<Theatre> {
    const clock = new FakeClock();
    const crds = readdirSync(CRD_FOLDER).map(
      (file) => load(readFileSync(join(CRD_FOLDER, file), 'utf8')) as KubeObject,
    );
    const theatre = new Theatre(await startSimulator({ seed, clock, crds }), clock, build);
    await theatre.audience.attend(theatre.sim.client);
    for (const { name, nodeID, address } of theatre.wagons) {
      const spec = {
        nodeID,
        role: 'CORE',
        maxConcurrentJobs: 4,
        runtime: { type: 'External', external: { url: address } },
      };
      const metadata = { name, namespace: 'default' };
      await theatre.sim.client.create<KubeObject>(WAGONS, { apiVersion: API_VERSION, kind: 'Wagon', metadata, spec });
    }
    theatre.#beatForEver();
    theatre.ringmaster.start();
    await theatre.untilWagonsAreReady();
    return theatre;
  }

  /** Another process takes over, at once. */
  replace(): void {
    this.ringmaster.die();
    this.ringmaster = this.#hire();
    this.ringmaster.start();
  }

  /** Lets the play go on until something holds. @returns false where it does not within `limitMs` of its clock. */
  async playUntil(holds: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
    const end = this.clock.monotonic() + limitMs;
    for (;;) {
      await this.sim.settle();
      if (this.ringmaster.isDead) {
        this.replace();
        continue;
      }
      if (await holds()) return true;
      this.onRest();
      const next = this.clock.nextInMs ?? Number.POSITIVE_INFINITY;
      if (this.clock.monotonic() + next > end) return false;
      await this.clock.advance(next);
    }
  }

  /** Lets time pass, and all that it brings. */
  async rest(ms: number): Promise<void> {
    const end = this.clock.monotonic() + ms;
    await this.playUntil(() => this.clock.monotonic() >= end, ms + 1);
  }

  /** Every wagon lives, has an empty disk, and is known as Ready. */
  async restoreWagons(): Promise<void> {
    for (const wagon of this.wagons) wagon.begin();
    this.#beat();
    await this.untilWagonsAreReady();
  }

  async untilWagonsAreReady(): Promise<void> {
    const ready = await this.playUntil(async () => {
      const { items } = await this.sim.client.list<Wagon>(WAGONS, { namespace: 'default' });
      return (
        items.length === 2 &&
        items.every(({ status }, at) => status?.phase === 'Ready' && status.instanceID === this.wagons[at]?.instanceID)
      );
    }, 120_000);
    if (!ready) throw new Error('the wagons do not become Ready');
  }

  async close(): Promise<void> {
    this.audience.close();
    this.ringmaster.die();
    await this.sim.close();
  }

  /** What of an Objective is left in the API once it is gone. */
  async leftovers(): Promise<string[]> {
    const objectives = await this.sim.client.list(OBJECTIVES, { namespace: 'default' });
    return objectives.items.map(({ metadata }) => `objective ${metadata.name}`);
  }

  #hire(): StagedRingmaster {
    const { sim, clock, wagons, build } = this;
    const ringmaster = new StagedRingmaster({ sim, clock, wagons, epoch: this.#epoch, build });
    this.#epoch += 1;
    return ringmaster;
  }

  #beatForEver(): void {
    this.#beat();
    this.clock.setTimeout(() => this.#beatForEver(), BEAT_MS);
  }

  /** A wagon whose controller is dead gets no answer, and so no lease. */
  #beat(): void {
    if (this.ringmaster.isDead) return;
    for (const wagon of this.wagons) {
      if (!wagon.isDead) this.ringmaster.liveness.record('default', wagon.name, wagon.beat());
    }
  }
}
