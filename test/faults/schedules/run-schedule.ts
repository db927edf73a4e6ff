import { WAGONS, type Wagon } from '@dark-carnival/crds';
import { aWagon } from '@dark-carnival/crds/testing';
import { seeded } from '@dark-carnival/local/simulator';
import { toGrants } from '../../../controller/src/kinds/wagon/policies/grants.ts';
import type { ProbeOutcome, WagonAddress } from '../../../controller/src/ports/wagon-client.ts';
import { type Delivery, FleetWagon, type FleetWagonOptions } from './fleet-wagon.ts';
import { type Build, SimulatedController, type WagonStore } from './simulated-controller.ts';
import { Machine, Timeline } from './timeline.ts';

export interface ScheduleCounts {
  stalls: number;
  jumps: number;
  takeovers: number;
  restarts: number;
  mutes: number;
  cuts: number;
  deaths: number;
  revivals: number;
  /** Times that a wagon that could not be heard was called stale, rightly. */
  stale: number;
  evictions: number;
}

export interface ScheduleResult {
  seed: number;
  violations: string[];
  counts: ScheduleCounts;
}

const WAGON_COUNT = 3;
const TROUBLE_MS = 300_000;
/** 35 s, a round to notice, a probe that hangs: then it is stale. Two more rounds and a probe: evicted. */
const STALE_BOUND_MS = 35_000 + 15_000 + 3_000 + 1_000;
const EVICTED_BOUND_MS = STALE_BOUND_MS + 30_000 + 15_000 + 3_000;
const PROBE_MS = 3_000;

/** One fleet with two controllers through five minutes of trouble, then peace for as long as the dead may go unnoticed. The same seed is the same run. */
export async function runSchedule(seed: number, build: Build): Promise<ScheduleResult> {
  const schedule = new Schedule(seed, build);
  await schedule.run();
  return { seed, violations: schedule.violations, counts: schedule.counts };
}

class Schedule {
  readonly violations: string[] = [];
  readonly counts: ScheduleCounts = {
    ...{ stalls: 0, jumps: 0, takeovers: 0, restarts: 0, mutes: 0, cuts: 0, deaths: 0, revivals: 0 },
    ...{ stale: 0, evictions: 0 },
  };
  readonly #timeline = new Timeline();
  readonly #random: () => number;
  readonly #build: Build;
  readonly #store: WagonStore = { wagons: new Map(), patchStatus: (...args) => this.#patch(args) };
  readonly #fleet: FleetWagon[];
  readonly #controllers: SimulatedController[];
  /** Index of the leader; nobody leads in between. */
  #leader: SimulatedController | undefined;
  #version = 1;

  constructor(seed: number, build: Build) {
    this.#random = seeded(seed);
    this.#build = build;
    const providersDigest = toGrants([]).digest;
    this.#fleet = Array.from({ length: WAGON_COUNT }, (_, index) => {
      const name = `w-${index}`;
      this.#store.wagons.set(`default/${name}`, newWagon(name));
      const deliver: FleetWagonOptions['deliver'] = (heartbeat, taken) => this.#deliver(name, heartbeat, taken);
      return new FleetWagon({ name, timeline: this.#timeline, random: this.#random, providersDigest, deliver });
    });
    this.#controllers = [this.#newController(), this.#newController()];
  }

  async run(): Promise<void> {
    this.#lead(0);
    // Everybody is heard once before the trouble begins.
    for (let at = 30_000; at < TROUBLE_MS; at += this.#between(3_000, 40_000)) {
      this.#timeline.at(at, () => this.#trouble());
    }
    await this.#timeline.runUntil(TROUBLE_MS);
    const quietFrom = Math.max(this.#timeline.now, ...this.#controllers.map(({ machine }) => machine.frozenUntil));
    const healed = Math.max(quietFrom, ...this.#fleet.map(({ muteUntil, cutUntil }) => Math.max(muteUntil, cutUntil)));
    await this.#timeline.runUntil(healed + 20_000 + STALE_BOUND_MS);
    this.#judgeEnd(['Stale', 'Evicted']);
    await this.#timeline.runUntil(healed + 20_000 + EVICTED_BOUND_MS);
    this.#judgeEnd(['Evicted']);
  }

  #judgeEnd(ofTheDead: string[]): void {
    for (const wagon of this.#fleet) {
      const phase = this.#phaseOf(wagon.name);
      if (wagon.isAlive && phase !== 'Ready') this.#violated(`${wagon.name} lives and is ${phase} in the end`);
      if (!wagon.isAlive && !ofTheDead.includes(phase)) this.#violated(`${wagon.name} is dead and still ${phase}`);
    }
  }

  #trouble(): void {
    const kinds = [
      () => this.#stall(),
      () => this.#jump(),
      () => this.#takeOver(),
      () => this.#restart(),
      () => this.#mute(),
      () => this.#cut(),
      () => this.#dieOrRevive(),
    ];
    this.#pick(kinds)();
  }

  #stall(): void {
    this.counts.stalls += 1;
    const { machine } = this.#pick(this.#controllers);
    machine.frozenUntil = Math.max(machine.frozenUntil, this.#timeline.now + this.#between(1_000, 90_000));
  }

  #jump(): void {
    this.counts.jumps += 1;
    this.#pick(this.#controllers).machine.wallOffMs += this.#between(-86_400_000, 86_400_000);
  }

  #takeOver(): void {
    this.counts.takeovers += 1;
    this.#leader?.follow();
    this.#leader = undefined;
    const next = Math.floor(this.#random() * 2);
    this.#timeline.at(this.#timeline.now + this.#between(0, 14_000), () => this.#lead(next));
  }

  #restart(): void {
    this.counts.restarts += 1;
    const index = Math.floor(this.#random() * 2);
    const old = this.#controllers[index];
    const led = old === this.#leader;
    old?.die();
    this.#controllers[index] = this.#newController();
    if (!led) return;
    this.#leader = undefined;
    this.#timeline.at(this.#timeline.now + this.#between(1_000, 14_000), () => this.#lead(index));
  }

  /** Heartbeats are lost for long; the wagon answers all the same. */
  #mute(): void {
    this.counts.mutes += 1;
    const wagon = this.#pick(this.#fleet);
    wagon.muteUntil = this.#timeline.now + this.#between(20_000, 150_000);
  }

  /** SIGSTOP, or a link that is cut: nothing gets through, for at most 40 s. */
  #cut(): void {
    const wagon = this.#pick(this.#fleet);
    // One on top of the other, or of lost heartbeats, would be a longer one.
    if (this.#timeline.now < Math.max(wagon.cutUntil, wagon.muteUntil) + 60_000) return;
    this.counts.cuts += 1;
    wagon.cutUntil = this.#timeline.now + this.#between(5_000, 40_000);
    wagon.muteUntil = 0;
  }

  #dieOrRevive(): void {
    const wagon = this.#pick(this.#fleet);
    if (wagon.isAlive) {
      this.counts.deaths += 1;
      wagon.die();
    } else {
      this.counts.revivals += 1;
      wagon.revive();
    }
  }

  #lead(index: number): void {
    this.#leader?.follow();
    const next = this.#controllers[index];
    this.#leader = next;
    // A frozen process does not take the lease, it takes it when it wakes.
    next?.machine.schedule(0, () => {
      if (this.#leader === next) next.lead();
    });
  }

  #newController(): SimulatedController {
    const machine = new Machine(this.#timeline, this.#random);
    const probe = ({ address }: WagonAddress) => this.#probe(machine, address);
    return new SimulatedController(machine, this.#store, probe, this.#build);
  }

  #deliver(name: string, heartbeat: Parameters<SimulatedController['hear']>[1], taken: () => void): Delivery {
    const leader = this.#leader;
    if (!leader?.leads) return 'refused';
    const { machine } = leader;
    // What comes to a frozen process waits in its socket.
    const takenAt = Math.max(this.#timeline.now, machine.frozenUntil);
    machine.schedule(0, () => {
      if (!leader.leads) return;
      leader.hear(name, heartbeat);
      taken();
    });
    return { takenAt };
  }

  #probe(machine: Machine, address: string): Promise<ProbeOutcome> {
    const wagon = this.#fleet.find(({ name }) => address.endsWith(`/${name}`));
    if (wagon?.answers) {
      return Promise.resolve({ outcome: 'alive', instanceID: `${wagon.name}-${wagon.instance}` });
    }
    return new Promise((resolve) => {
      machine.schedule(PROBE_MS, () => resolve({ outcome: 'unreachable', message: 'no answer' }));
    });
  }

  #patch([resource, ref, patch]: unknown[]): Promise<never> {
    const { namespace, name } = ref as { namespace: string; name: string };
    const key = `${namespace}/${name}`;
    const before = this.#store.wagons.get(key);
    if (resource !== WAGONS || !before) throw new TypeError('only the status of Wagons is written here');
    const { body } = patch as { body: { metadata?: { resourceVersion?: string }; status: object } };
    if (body.metadata?.resourceVersion !== before.metadata.resourceVersion) throw new Error('conflict');
    this.#version += 1;
    const metadata = { ...before.metadata, resourceVersion: String(this.#version) };
    const after = { ...before, metadata, status: merged(before.status ?? {}, body.status) } as Wagon;
    this.#store.wagons.set(key, after);
    this.#judge(name, before.status?.phase, after.status?.phase);
    return Promise.resolve(after as never);
  }

  /** What must hold for each change of phase. */
  #judge(name: string, before: string | undefined, after: string | undefined): void {
    const wagon = this.#fleet.find((each) => each.name === name);
    if (!wagon || before === after) return;
    const silentMs = this.#timeline.now - wagon.heardAt;
    if (after === 'Stale') {
      this.counts.stale += 1;
      if (silentMs < 35_000) this.#violated(`${name} was heard ${Math.round(silentMs)} ms ago and became Stale`);
    }
    if (after === 'Evicted') {
      this.counts.evictions += 1;
      // One that was dead for long and came back while it was being asked is told so, and is Ready in a moment.
      const isBack = this.#timeline.now - wagon.aliveSince <= PROBE_MS && wagon.aliveSince > 0;
      if (wagon.isAlive && !isBack) this.#violated(`${name} lives and was evicted`);
      if (before !== 'Stale') this.#violated(`${name} was evicted without having been Stale`);
    }
    if (after === 'Ready' && silentMs > 35_000) this.#violated(`${name} became Ready, silent for ${silentMs} ms`);
  }

  #phaseOf(name: string): string {
    return this.#store.wagons.get(`default/${name}`)?.status?.phase ?? 'none';
  }

  #violated(what: string): void {
    this.violations.push(`at ${Math.round(this.#timeline.now)} ms: ${what}`);
  }

  #between(low: number, high: number): number {
    return low + this.#random() * (high - low);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T;
  }
}

function newWagon(name: string): Wagon {
  const { spec } = aWagon();
  const labels = { 'darkcarnival.dev/registration': 'Self' };
  return {
    ...aWagon({ metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', labels } }),
    ...(spec && { spec: { ...spec, nodeID: name, runtime: { type: 'External' } } }),
    status: {},
  };
}

/** RFC 7386. */
function merged(target: object, patch: object): object {
  const result: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (typeof value === 'object' && !Array.isArray(value))
      result[key] = merged((result[key] as object) ?? {}, value);
    else result[key] = value;
  }
  return result;
}
