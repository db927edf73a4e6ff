import type { ModelProvider, NodeView, Objective, Wagon } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { Session } from '../session/session.ts';
import type { Finding } from './finding.ts';

/** What the checks look at: read once, with reads only. */
export interface Patient {
  session: Session;
  clock: Clock;
  wagons: readonly Wagon[];
  objectives: readonly Objective[];
  providers: readonly ModelProvider[];
  /** Of the hub; undefined where it does not answer. */
  nodes: readonly NodeView[] | undefined;
}

/** One look at one thing. It costs no token and changes nothing. */
export type Check = (patient: Patient) => Promise<Finding[]> | Finding[];

export const isOlderThan = (time: string | undefined, seconds: number, nowMs: number): boolean =>
  time !== undefined && nowMs - Date.parse(time) > seconds * 1000;
