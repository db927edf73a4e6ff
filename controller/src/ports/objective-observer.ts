import type { Objective } from '@dark-carnival/crds';

/** Is told how Objectives go on, for metrics and traces. Must not throw, and costs next to nothing. */
export interface ObjectiveObserver {
  /** A status was written, by this process and with the resourceVersion of `before`: whoever leads, each change is told once. */
  wrote(before: Objective, after: Objective): void;
}
