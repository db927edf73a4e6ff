import type { KubeObject } from '@dark-carnival/crds';
import type { Reflector } from '@dark-carnival/kube';
import type { Controller } from './controller.ts';
import type { LeaderElection, LeaderElectionOptions } from './leader-election.ts';
import type { Logger } from './logger.ts';

export interface ControlPlaneOptions {
  /** Caches; they run on every replica. */
  reflectors: readonly Pick<Reflector<KubeObject>, 'start' | 'stop' | 'synced' | 'resource'>[];
  /** They work on the leader only. */
  controllers: readonly Controller[];
  /** Makes the election with the two callbacks given. */
  elect: (callbacks: Pick<LeaderElectionOptions, 'onStarted' | 'onStopped'>) => LeaderElection;
  logger: Logger;
  /** How long reconciles may finish in peace at the stop. Default 10,000 ms. */
  graceMs?: number;
}

/** Caches, election and controllers of one process, started and stopped in the right order. */
export class ControlPlane {
  readonly #options: ControlPlaneOptions;
  readonly election: LeaderElection;
  #stopping = false;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.election = options.elect({
      onStarted: () => this.#activate(),
      onStopped: () => this.#deactivate(),
    });
  }

  /** Resolves with true once the caches are filled and this process runs for the lease; with false when stopped before. */
  async start(): Promise<boolean> {
    const { reflectors, logger } = this.#options;
    for (const reflector of reflectors) reflector.start();
    const synced = await Promise.all(reflectors.map((reflector) => reflector.synced()));
    if (this.#stopping || synced.includes(false)) return false;
    logger.info('Caches are filled', { kinds: reflectors.map(({ resource }) => resource.kind) });
    this.election.start();
    return true;
  }

  /** Lets reconciles finish, gives the lease back, closes the watches. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.election.stop();
    await Promise.all(this.#options.reflectors.map((reflector) => reflector.stop()));
  }

  #activate(): void {
    for (const controller of this.#options.controllers) controller.activate();
  }

  async #deactivate(): Promise<void> {
    // Deposed: what goes on is cut off at once. At a stop the lease is still ours, and reconciles may finish.
    const graceMs = this.#stopping ? (this.#options.graceMs ?? 10_000) : 0;
    await Promise.all(this.#options.controllers.map((controller) => controller.deactivate(graceMs)));
  }
}
