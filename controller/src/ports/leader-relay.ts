import type { Heartbeat } from '@dark-carnival/crds';
import type { Unreachable } from './wagon-client.ts';

/** A heartbeat that came to a replica that does not lead. Its token was verified here, and the leader verifies it again. */
export interface RelayedHeartbeat {
  namespace: string;
  heartbeat: Heartbeat;
  /** The wagon's own: the leader's internal port grants no more than the public one. */
  token: string;
}

export type RelayOutcome =
  /** The leader's answer, whatever it is. */
  | { outcome: 'answered'; status: number; body: unknown; retryAfterSeconds: number | undefined }
  /** Nobody is known to lead, or the leader takes nothing from here. */
  | { outcome: 'unknown' }
  | Unreachable;

/** The way from any replica to the one that leads. Bounded in time and size; never rejects. */
export interface LeaderRelay {
  heartbeat(heartbeat: RelayedHeartbeat): Promise<RelayOutcome>;
}
