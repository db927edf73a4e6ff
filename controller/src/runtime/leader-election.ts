import { type Clock, sleep, type Timer } from '@dark-carnival/crds/clock';
import { ApiError, type KubeClient, LEASES } from '@dark-carnival/kube';
import {
  holderOf,
  type Leader,
  type LeaderIdentity,
  type Lease,
  type LeaseSpec,
  leaderOf,
  mayTake,
  microTime,
  type Observation,
  observe,
} from './lease.ts';
import type { Logger } from './logger.ts';

export interface LeaderElectionOptions {
  /** Must not be fenced by this election. */
  client: KubeClient;
  namespace: string;
  leaseName: string;
  identity: LeaderIdentity;
  /** Put on the lease while leading, for the other replicas to read; asked at each write. Undefined takes away what an earlier leader said. */
  annotations?: () => Readonly<Record<string, string | undefined>>;
  clock: Clock;
  /** Source of jitter, [0, 1). */
  random: () => number;
  logger: Logger;
  /** A reign begins. */
  onStarted: (epoch: number) => void;
  /** The reign is over: everything of it has to end before the promise resolves. Called once for each onStarted. */
  onStopped: () => Promise<void>;
  /** Somebody else leads, or nobody known. */
  onLeaderChanged?: (leader: Leader | undefined) => void;
  /** client-go's 15/10/2 s. */
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
}

interface Reign {
  readonly epoch: number;
  /** Monotonic time at which the last successful renewal was *sent*. */
  renewedAt: number;
  deadline: Timer;
  /** The one call of onStopped. */
  ended?: Promise<void>;
}

/**
 * One leader among replicas, by a Lease. Fenced by the monotonic clock: `isLeader` is false from the moment the renew deadline has passed, be it because of
 * the network, a frozen process or a hanging request, and before any other candidate may take over.
 */
export class LeaderElection {
  readonly #options: Required<Omit<LeaderElectionOptions, 'onLeaderChanged' | 'annotations'>> & LeaderElectionOptions;
  readonly #holder: string;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #reign: Reign | undefined;
  #ending: Promise<void> = Promise.resolve();
  #lease: Lease | undefined;
  #observation: Observation | undefined;
  #leader: Leader | undefined;
  #highestEpoch = 0;
  /** No reign begins any more. */
  #retiring = false;

  constructor(options: LeaderElectionOptions) {
    this.#options = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000, ...options };
    this.#holder = holderOf(options.identity);
  }

  /** Whether a write is allowed now. Cheap: ask before each. */
  isLeader(): boolean {
    return this.#reign !== undefined && this.#options.clock.monotonic() < this.#expiresAt(this.#reign);
  }

  /** `leaseTransitions` of the own reign; undefined while not leading. */
  get epoch(): number | undefined {
    return this.isLeader() ? this.#reign?.epoch : undefined;
  }

  /** holderIdentity while this process leads. */
  get holder(): string {
    return this.#holder;
  }

  /** Who leads, as last read; may be a few seconds old. */
  get leader(): Leader | undefined {
    return this.#leader;
  }

  /** Begins to run for the lease; again: nothing more. */
  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Lets onStopped finish while the lease is still held and renewed, then releases it, so that the next leader need not wait.
   */
  async stop(): Promise<void> {
    this.#retiring = true;
    if (this.#reign) await this.#callStopped(this.#reign);
    this.#stopping.abort();
    await this.#running;
    await this.#endReign('stopping');
    await this.#release();
  }

  async #run(): Promise<void> {
    const { clock, random, retryPeriodMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#attempt();
      // Candidates are spread out, and look twice as often: what they read late they succeed late. The leader, who writes, keeps its pace.
      const pace = this.#reign ? 1 : 0.5 * (1 + 0.2 * random());
      await sleep(clock, retryPeriodMs * pace, signal);
    }
  }

  async #attempt(): Promise<void> {
    try {
      if (this.#reign) {
        await this.#renew(this.#reign);
        return;
      }
      // The last reign has to be over in this process before another one may begin.
      await this.#ending;
      if (!this.#retiring) await this.#acquire();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      if (error instanceof ApiError && (error.isConflict || error.isNotFound)) this.#lease = undefined;
      const { message } = error as Error;
      this.#options.logger.debug('Lease attempt failed', { leading: this.#reign !== undefined, message });
    }
  }

  async #acquire(): Promise<void> {
    const { clock, identity } = this.#options;
    const lease = await this.#read();
    if (lease) {
      this.#note(lease);
      const idleMs = clock.monotonic() - (this.#observation?.at ?? 0);
      if (!mayTake(lease, identity, idleMs)) return;
    }
    const sentAt = clock.monotonic();
    const now = microTime(clock.now());
    // A lease that somebody deleted must not set the epoch back: wagons refuse a lower one.
    const epoch = Math.max(lease?.spec?.leaseTransitions ?? 0, this.#highestEpoch) + 1;
    const taken = await this.#write(lease, { acquireTime: now, renewTime: now, leaseTransitions: epoch });
    this.#note(taken);
    if (this.#retiring || clock.monotonic() >= sentAt + this.#options.renewDeadlineMs) return;
    this.#beginReign(epoch, sentAt);
  }

  async #renew(reign: Reign): Promise<void> {
    const { clock } = this.#options;
    const lease = this.#lease ?? (await this.#read());
    if (!lease || lease.spec?.holderIdentity !== this.#holder || lease.spec.leaseTransitions !== reign.epoch) {
      if (lease) this.#note(lease);
      void this.#endReign('the lease was taken');
      return;
    }
    const sentAt = clock.monotonic();
    const renewed = await this.#write(lease, { ...lease.spec, renewTime: microTime(clock.now()) });
    // Deposed while the answer was on its way: the late answer revives nothing.
    if (this.#reign !== reign) return;
    this.#note(renewed);
    reign.renewedAt = sentAt;
    clock.clearTimeout(reign.deadline);
    reign.deadline = this.#armDeadline(sentAt);
  }

  #read(): Promise<Lease | undefined> {
    const { client, namespace, leaseName, renewDeadlineMs } = this.#options;
    return client.find<Lease>(
      LEASES,
      { namespace, name: leaseName },
      { timeoutMs: renewDeadlineMs / 2, signal: this.#stopping.signal },
    );
  }

  /** Creates the lease, or replaces the one that was read: of two candidates one gets a conflict. */
  #write(lease: Lease | undefined, spec: LeaseSpec): Promise<Lease> {
    const { client, namespace, leaseName, annotations, leaseDurationMs } = this.#options;
    const next: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        ...lease?.metadata,
        name: leaseName,
        namespace,
        annotations: defined({ ...lease?.metadata.annotations, ...annotations?.() }),
      },
      spec: { ...spec, holderIdentity: this.#holder, leaseDurationSeconds: Math.round(leaseDurationMs / 1000) },
    };
    const timeoutMs = this.#options.renewDeadlineMs / 2;
    const options = { signal: this.#stopping.signal, timeoutMs };
    return lease ? client.update(LEASES, next, options) : client.create(LEASES, next, options);
  }

  #note(lease: Lease): void {
    this.#lease = lease;
    this.#observation = observe(this.#observation, lease, this.#options.clock.monotonic());
    const before = this.#leader;
    const leader = leaderOf(lease);
    this.#leader = leader;
    this.#highestEpoch = Math.max(this.#highestEpoch, lease.spec?.leaseTransitions ?? 0);
    if (before?.identity !== leader?.identity || before?.epoch !== leader?.epoch)
      this.#options.onLeaderChanged?.(leader);
  }

  #beginReign(epoch: number, renewedAt: number): void {
    this.#reign = { epoch, renewedAt, deadline: this.#armDeadline(renewedAt) };
    this.#options.logger.info('Leads', { epoch });
    this.#options.onStarted(epoch);
  }

  #armDeadline(renewedAt: number): Timer {
    const { clock, renewDeadlineMs } = this.#options;
    const onDeadline = () => void this.#endReign('the renew deadline passed');
    return clock.setTimeout(onDeadline, renewedAt + renewDeadlineMs - clock.monotonic());
  }

  #endReign(why: string): Promise<void> {
    const reign = this.#reign;
    if (!reign) return this.#ending;
    this.#reign = undefined;
    this.#lease = undefined;
    this.#options.clock.clearTimeout(reign.deadline);
    this.#options.logger.info('Leads no more', { epoch: reign.epoch, why });
    this.#ending = this.#callStopped(reign);
    return this.#ending;
  }

  #callStopped(reign: Reign): Promise<void> {
    reign.ended ??= this.#options.onStopped().catch((error: unknown) => {
      this.#options.logger.error('The end of a reign failed', { message: String(error) });
    });
    return reign.ended;
  }

  /** Gives the lease back if it is in our name; the next leader else waits until it runs out. */
  async #release(): Promise<void> {
    const { client, namespace, leaseName, clock, renewDeadlineMs } = this.#options;
    const timeoutMs = renewDeadlineMs / 2;
    try {
      const lease = await client.get<Lease>(LEASES, { namespace, name: leaseName }, { timeoutMs });
      if (lease.spec?.holderIdentity !== this.#holder) return;
      const { holderIdentity: _, ...spec } = lease.spec;
      const renewTime = microTime(clock.now());
      await client.update(LEASES, { ...lease, spec: { ...spec, leaseDurationSeconds: 1, renewTime } }, { timeoutMs });
    } catch (error) {
      this.#options.logger.debug('Lease was not released', { message: String(error) });
    }
  }

  #expiresAt(reign: Reign): number {
    return reign.renewedAt + this.#options.renewDeadlineMs;
  }
}

const defined = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
