import type { KubeObject } from '@dark-carnival/crds';

/** LeaseSpec as leader election uses it. Times are RFC 3339 with microseconds. */
export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

/** coordination.k8s.io/v1 Lease. */
export type Lease = KubeObject<LeaseSpec>;

/** Who a candidate is. */
export interface LeaderIdentity {
  /**
   * Stays over restarts, and only one process at a time can have it: the id of a locked data folder, the uid of a Pod. So whoever held the lease
   * under it before is dead.
   */
  stable: string;
  /** Of this process alone; without underscore. */
  instance: string;
}

/** holderIdentity of a candidate. @throws TypeError when it could be read in two ways. */
export function holderOf({ stable, instance }: LeaderIdentity): string {
  if (instance.includes('_')) throw new TypeError('the instance of a leader identity must not contain an underscore');
  return `${stable}_${instance}`;
}

/** metav1.MicroTime; JavaScript knows milliseconds only. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

/** What an observer remembers about the lease: when, by its own monotonic clock, the record last changed. */
export interface Observation {
  /** What of the record tells a sign of life. */
  record: string;
  at: number;
}

/** Notes a reading of the lease. Clocks of other machines are not trusted: only that the record changed counts. */
export function observe(previous: Observation | undefined, lease: Lease, now: number): Observation {
  const { holderIdentity, renewTime, leaseTransitions } = lease.spec ?? {};
  const record = JSON.stringify([holderIdentity, renewTime, leaseTransitions, lease.metadata.uid]);
  return previous?.record === record ? previous : { record, at: now };
}

/** Whether a candidate may take the lease: nobody has it, its holder gave no sign for its duration, or its holder was this candidate before a restart. */
export function mayTake(lease: Lease, identity: LeaderIdentity, idleMs: number): boolean {
  const { holderIdentity, leaseDurationSeconds = 0 } = lease.spec ?? {};
  if (!holderIdentity) return true;
  if (holderIdentity.slice(0, holderIdentity.lastIndexOf('_')) === identity.stable) return true;
  return idleMs >= leaseDurationSeconds * 1000;
}

/** Who leads, as everybody can read it from the lease. */
export interface Leader {
  identity: string;
  /** `leaseTransitions`: grows with each reign. */
  epoch: number;
  /** What the leader says about itself, such as its internal address. */
  annotations: Readonly<Record<string, string>>;
}

export function leaderOf(lease: Lease): Leader | undefined {
  const { holderIdentity, leaseTransitions = 0 } = lease.spec ?? {};
  if (!holderIdentity) return undefined;
  return { identity: holderIdentity, epoch: leaseTransitions, annotations: lease.metadata.annotations ?? {} };
}
