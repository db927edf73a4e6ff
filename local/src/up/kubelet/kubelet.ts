import { WAGONS, type Wagon } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { type KubeClient, objectKey, Reflector } from '@dark-carnival/kube';
import { childEnv } from '../child-env.ts';
import { V8_FLAGS } from '../programs.ts';
import type { Spawn } from '../supervise/child.ts';
import { Supervisor, type SupervisorEvent } from '../supervise/supervisor.ts';
import { launchOf, type WagonLaunch } from './wagon-launch.ts';
import { waitForToken } from './wagon-token.ts';

export type KubeletEvent = SupervisorEvent | { type: 'started' } | { type: 'stopped' };

export interface KubeletOptions {
  client: KubeClient;
  clock: Clock;
  spawn: Spawn;
  /** Path of the wagon's program. */
  program: string;
  /** Folder that holds the data of all wagons. */
  folder: string;
  hubUrl: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Where the output of a wagon's process goes. */
  logOf(launch: WagonLaunch): (line: string) => void;
  onEvent(launch: WagonLaunch, event: KubeletEvent): void;
}

/** A wagon that is no longer wanted may finish what it writes. */
const STOP_GRACE_MS = 10_000;

interface Slot {
  launch: WagonLaunch;
  /** Its process has been ready. What the object says may still be of the last start. */
  serves: boolean;
  supervisor: Supervisor;
}

/** Runs a process for each Process Wagon of the API, as a kubelet runs pods: level by level, never by what an event said. */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #wagons: Reflector<Wagon>;
  readonly #slots = new Map<string, Slot>();
  /** One change at a time per wagon: its successor must find the port free. */
  readonly #queues = new Map<string, Promise<void>>();
  #change = Promise.withResolvers<void>();
  #stopping = false;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#wagons = new Reflector<Wagon>(options.client, WAGONS, { clock: options.clock });
  }

  /** Begins to follow the Wagons. Resolves once those that exist have been started (which is before they are ready). */
  async start(): Promise<void> {
    this.#wagons.subscribe({
      onAdd: (wagon) => this.#sync(objectKey(wagon)),
      onUpdate: (wagon) => this.#sync(objectKey(wagon)),
      onDelete: (wagon) => this.#sync(objectKey(wagon)),
    });
    this.#wagons.start();
    await this.#wagons.synced();
    await Promise.all(this.#queues.values());
  }

  /** Resolves once every wagon that is to run serves, and the controller gives it work; or when `signal` aborts. */
  async allReady(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (!signal.aborted) {
      const changed = this.#change.promise;
      if ([...this.#slots].every(([key, slot]) => slot.serves && this.#isReady(key))) return;
      await Promise.race([changed, aborted]);
    }
  }

  #isReady(key: string): boolean {
    return this.#wagons.store.get(key)?.status?.phase === 'Ready';
  }

  #wake(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers();
    resolve();
  }

  /** Ends all processes, and makes them after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    await Promise.all([
      this.#wagons.stop(),
      ...[...this.#slots.values()].map(({ supervisor }) => supervisor.stop(graceMs)),
    ]);
  }

  /** Ends all processes at once. */
  kill(): void {
    this.#stopping = true;
    for (const { supervisor } of this.#slots.values()) supervisor.kill();
  }

  #sync(key: string): Promise<void> {
    this.#wake();
    const before = this.#queues.get(key) ?? Promise.resolve();
    const after = before.then(() => this.#apply(key));
    this.#queues.set(key, after);
    return after;
  }

  async #apply(key: string): Promise<void> {
    if (this.#stopping) return;
    const wagon = this.#wagons.store.get(key);
    const wanted = wagon ? launchOf(wagon, this.#options.folder) : undefined;
    const slot = this.#slots.get(key);
    if (slot?.launch.digest === wanted?.digest) return;
    if (slot) {
      this.#slots.delete(key);
      await slot.supervisor.stop(STOP_GRACE_MS);
      this.#options.onEvent(slot.launch, { type: 'stopped' });
    }
    if (wanted && !this.#stopping) this.#slots.set(key, this.#run(wanted));
  }

  #run(launch: WagonLaunch): Slot {
    const { client, clock, spawn, program, hubUrl, env, logOf, onEvent } = this.#options;
    const log = logOf(launch);
    const slot: Omit<Slot, 'supervisor'> = { launch, serves: false };
    const supervisor = new Supervisor({
      clock,
      launch: async (signal) => {
        const token = await waitForToken(client, launch, { clock, signal });
        const given = { ...launch.env, RINGMASTER_URL: hubUrl, CARNIVAL_WAGON_TOKEN: token };
        const v8Flags = V8_FLAGS.wagon;
        return spawn({ program, v8Flags, args: ['--exit-with-parent'], env: childEnv(env, given), log });
      },
      onEvent: (event) => {
        slot.serves ||= event.type === 'ready';
        this.#wake();
        onEvent(launch, event);
      },
    });
    onEvent(launch, { type: 'started' });
    return Object.assign(slot, { supervisor: supervisor.start() });
  }
}
